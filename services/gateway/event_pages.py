"""The document of events as a page: what a department's programmer reads, without the Internet."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "contracts" / "asyncapi.json"
PAGE, STATIC = "/docs/events", "/docs/events/static"
HTML = f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>应保 事件和消息接口</title>
<link rel="stylesheet" href="{STATIC}/default.min.css">
</head>
<body>
<div id="asyncapi"><p>正在读取接口文档…</p></div>
<script src="{STATIC}/index.js"></script>
<script>
AsyncApiStandalone.render(
  {{ schema: {{ url: "/asyncapi.json" }}, config: {{ show: {{ sidebar: true, errors: true }} }} }},
  document.getElementById("asyncapi"),
);
</script>
<noscript>本页需要脚本；文档本身在 <a href="/asyncapi.json">/asyncapi.json</a>。</noscript>
</body>
</html>
"""
router = APIRouter(include_in_schema=False)


@router.get(PAGE)
async def page() -> HTMLResponse:
    return HTMLResponse(HTML)


@router.get("/asyncapi.json")
async def document() -> Response:
    return FileResponse(DOCUMENT, media_type="application/json")


def add_event_pages(app: FastAPI) -> None:
    """Serve the page, the document, and what the page is drawn with."""
    app.mount(STATIC, StaticFiles(directory=HERE / "vendor" / "asyncapi"))
    app.include_router(router)
