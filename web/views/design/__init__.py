"""流程设计: what designers see and change of processes, decisions and forms; nobody else gets in."""

from web.views.design import api, comparing, pages, preview, processes, releasing
from web.views.design.base import blueprint

__all__ = ["api", "blueprint", "comparing", "pages", "preview", "processes", "releasing"]

blueprint.register_blueprint(api.blueprint)
