"""Loads the emitter's orders as a user of the peer would: peer.py dlt LINES FOLDER sqlite|duckdb append|merge; peer.py pyairbyte EMITTER FOLDER"""
import pathlib, sys


def dlt_loads(lines, folder, engine, disposition):
    import dlt, json

    @dlt.resource(name="orders", primary_key="id", write_disposition=disposition)
    def orders():
        with open(lines) as file:
            page = []
            for line in file:
                page.append(json.loads(line))
                if len(page) == 1000:
                    yield page
                    page = []
            yield page

    name = f"{engine}_{disposition}"
    database = pathlib.Path(folder) / f"{name}.db"
    at = dlt.destinations.sqlalchemy(f"sqlite:///{database}") if engine == "sqlite" else dlt.destinations.duckdb(str(database))
    dlt.pipeline(name, destination=at, dataset_name="shop").run(orders())


def pyairbyte_reads(emitter, folder):
    import airbyte

    source = airbyte.get_source("source-emitter", local_executable=pathlib.Path(emitter), config={}, streams="*")
    source.read(cache=airbyte.caches.DuckDBCache(db_path=pathlib.Path(folder) / "pyairbyte.duckdb"))


if __name__ == "__main__":
    {"dlt": dlt_loads, "pyairbyte": pyairbyte_reads}[sys.argv[1]](*sys.argv[2:])
