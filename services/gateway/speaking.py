"""In which language the door speaks: Chinese, or English for whoever asks for it."""

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.language import accepted, speak


class Spoken:
    """Answers a call in the language that its ``Accept-Language`` names first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the call on."""
        if scope["type"] == "http":
            wanted = next(
                (value for name, value in scope["headers"] if name == b"accept-language"), b""
            )
            speak(accepted(wanted.decode("latin-1")))
        await self._app(scope, receive, send)
