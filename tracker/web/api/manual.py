"""The interface as a page for people, `docs/api.md`, written from its description; a test compares both.

Must never say what the description does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HEAD = """# 接口

{about}

- 地址：`{base}` 之下；机器可读的描述（OpenAPI 3.1）在 `{base}/openapi.json`，不需要令牌，
  也不含本单位的任何内容。
- 身份：`Authorization: Bearer rct_…`，令牌由 `rectify tokens create` 签发。Cookie 在这里不起作用。
- 重复：写操作可带 `Idempotency-Key`（随机的键）。24 小时内以同一键重复同一请求，只办理一次，
  得到同一答复，答复头中有 `Idempotent-Replayed: true`；同一键用于另一请求答 422。
  前一次还没有办完时，重复的请求等它办完。被拒绝的请求没有写入任何内容，键仍可再用。
- 变化：每个 GET 的答复有 `ETag`，再取时带 `If-None-Match`，没有变化答 304。办理一步时带 `If-Match`
  （事项的 ETag），事项在此之后变了就不办理，答 412，`details` 中是现在的事项和新的 ETag。
- 分页：答复的 `next` 不是 null 时，作为 `after`（事项）或 `before`（消息、核查）再取下一页。
- 频率：每个令牌每分钟不超过 600 次，超过答 429。
"""


def write_manual(description: Mapping[str, Any]) -> str:
    """Markdown, from the OpenAPI document of `create_api`."""
    base = description["servers"][0]["url"]
    parts = [_HEAD.format(about=description["info"]["description"], base=base)]
    for path, methods in description["paths"].items():
        parts += ["\n".join(_operation(method, path, each)) for method, each in methods.items()]
    parts.append("\n".join(_shapes(description["components"]["schemas"])))
    return "\n".join(parts)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {method.upper()} {path}\n"
    yield f"{operation['summary']}。{operation['description']}\n"
    scopes = [scope for each in operation["security"] for some in each.values() for scope in some]
    yield f"权限：{'、'.join(f'`{scope}`' for scope in scopes)}\n"
    if parameters := operation.get("parameters"):
        yield "| 参数 | 位置 | 类型 | 说明 |\n|---|---|---|---|"
        for each in parameters:
            told = each.get("description", "").replace("|", "\\|")
            yield f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {told} |"
        yield ""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"请求体（`{kind}`）：{_type(content['schema'])}\n"
    for status, answer in operation["responses"].items():
        shape = next((_type(each["schema"]) for each in answer.get("content", {}).values()), "")
        if status in {"200", "304"}:
            yield f"- {status}：{shape or answer['description']}"
    faults = "、".join(status for status in operation["responses"] if status not in {"200", "304"})
    yield f"- 出错：{faults}，答 {_link('Error')}\n"


def _shapes(schemas: Mapping[str, Any]) -> Iterator[str]:
    yield "# 数据\n"
    for name, schema in sorted(schemas.items()):
        yield f"## {name}\n"
        if "enum" in schema:
            yield "、".join(f"`{value}`" for value in schema["enum"]) + "\n"
            continue
        if told := schema.get("description"):
            yield f"{told}\n"
        needed = schema.get("required", ())
        yield "| 键 | 类型 | 说明 |\n|---|---|---|"
        for key, each in schema.get("properties", {}).items():
            told = each.get("description", "").replace("|", "\\|")
            yield f"| `{key}`{'' if key in needed else '（可不写）'} | {_type(each)} | {told} |"
        yield ""


def _type(schema: Mapping[str, Any]) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return " 或 ".join(_type(each) for each in several)
    if "enum" in schema or "const" in schema:
        return "、".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"[{_type(schema['items'])}]"
    return str(schema.get("format") or schema.get("type", "任意"))


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
