"""The reconciler: follows the cluster's objects and reloads nginx when they say so."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from migrate.sandbox.edge import config
from migrate.sandbox.edge.routes import routes
from migrate.sandbox.edge.streams import reachable
from migrate.sandbox.kube.controllers import Controllers
from migrate.sandbox.kube.registry import Registry
from migrate.sandbox.kube.store import Event
from migrate.sandbox.nginx import Nginx, NginxConfig, NginxError
from migrate.sandbox.ports import HeldPorts


class Edge:
    """nginx in front of the cluster, as ingress-nginx behind a cloud load balancer.

    HTTP is served on ``http_port`` (stands for 80 of the load balancer). A TCP port is open
    while all of this holds: a key of the tcp-services ConfigMap that the controller's own flag
    names, a backend with ready endpoints, and a port of the controller's Service that leads to
    it. ``shutdown_timeout``: seconds for which connections outlive a reload (ingress-nginx:
    240). ``faults``: names from ``config.FAULTS``. ``stripped_port``: another front for the same
    hosts, which passes no Upgrade on.
    """

    def __init__(
        self,
        registry: Registry,
        home: Path,
        *,
        http_port: int | None = None,
        stripped_port: int | None = None,
        faults: frozenset[str] = frozenset(),
        shutdown_timeout: float = 240.0,
        controllers: Controllers | None = None,
    ) -> None:
        self._registry = registry
        self._controllers = controllers or Controllers(registry)
        self._ports = HeldPorts()
        self.http_port = http_port or self._ports.take()
        self._stripped_port = stripped_port
        self._faults = faults
        self._served = NginxConfig()
        self._home = home
        self._shutdown_timeout = shutdown_timeout
        self._nginx: Nginx | None = None
        self._changed = threading.Event()
        self._stopping = False
        self._cancel: Callable[[], None] = lambda: None
        self._settled = threading.Condition()
        self._seen = -1
        self._generation = 0
        self._done = -1
        self._thread: threading.Thread | None = None
        self.errors: list[str] = []
        """What nginx said about configurations that it refused; the old one stays then."""

    @property
    def tcp_ports(self) -> tuple[int, ...]:
        """The TCP ports that are open at the moment, as the objects say."""
        return tuple(stream.listen for stream in reachable(self._registry.store))

    def start(self) -> None:
        """Serve what the objects say now, and follow them from then on."""
        self._controllers.sync()
        self._served = self._wanted()
        self._nginx = Nginx(self._served, self._home, shutdown_timeout=self._shutdown_timeout)
        self._nginx.start()
        self._cancel = self._registry.store.subscribe(self._notice)
        self._thread = threading.Thread(target=self._follow, name="sandbox-edge", daemon=True)
        self._thread.start()
        self._changed.set()

    def stop(self) -> None:
        """End the reconciler and nginx; harmless when they do not run."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._cancel()
            self._stopping = True
            self._changed.set()
            thread.join(15)
        if self._nginx is not None:
            self._nginx.stop()
        self._ports.release()

    def set_faults(self, faults: frozenset[str]) -> None:
        """Break the edge, or mend it with an empty set; returns when nginx serves it."""
        self._faults = faults
        self._generation += 1
        self._changed.set()
        self.settle()

    def settle(self, timeout: float = 40.0) -> None:
        """Wait until nginx serves what the objects say now. ``TimeoutError`` when it does not."""
        revision, generation = self._registry.store.revision, self._generation
        with self._settled:
            ready = self._settled.wait_for(
                lambda: self._seen >= revision and self._done >= generation, timeout
            )
        if not ready:
            raise TimeoutError("the edge did not follow the cluster's objects in time")

    def __enter__(self) -> "Edge":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _notice(self, _event: Event) -> None:
        self._changed.set()

    def _follow(self) -> None:
        # Asked again after each pass: clearing the event may swallow the one that stops us.
        while not self._stopping:
            self._changed.wait()
            # A client's writes often come in pairs.
            time.sleep(0.01)
            self._changed.clear()
            generation = self._generation
            # Before the controllers: what is written while they run, they may not have seen.
            revision = self._registry.store.revision
            try:
                self._controllers.sync()
                self._serve(self._wanted())
            except NginxError as error:
                self.errors.append(str(error))
            except Exception as error:
                # An object of a shape that nobody thought of must not freeze the edge.
                self.errors.append(f"{type(error).__name__}: {error}")
            with self._settled:
                self._seen, self._done = revision, generation
                self._settled.notify_all()

    def _serve(self, wanted: NginxConfig) -> None:
        if wanted != self._served and self._nginx is not None:
            self._nginx.reload(wanted)
            self._served = wanted

    def _wanted(self) -> NginxConfig:
        store = self._registry.store
        with store.lock:
            return config.render(
                self.http_port, routes(store), reachable(store), self._faults, self._stripped_port
            )
