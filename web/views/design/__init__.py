"""流程设计: what designers see and change of processes, decisions and forms; nobody else gets in."""

from web.views.design import api, pages
from web.views.design.base import blueprint

__all__ = ["api", "blueprint", "pages"]

blueprint.register_blueprint(api.blueprint)
