"""Every screen and every dialog has its picture; `draw.py` fails where a scene shows something else than it says."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from textual.command import CommandPalette
from textual.screen import Screen

ROOT = Path(__file__).parents[2]
WITHOUT = {
    "WizardScreen": "what every screen is made of",
    "PageScreen": "what the pages are made of",
    "FormScreen": "what the forms are made of",
    "Dialog": "what every dialog is made of",
}


def _drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw", ROOT / "screenshots" / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw"] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["draw"]
    return module


def _screens() -> set[type]:
    return {
        one
        for package in ("screens", "dialogs")
        for path in (ROOT / "tui" / package).glob("[!_]*.py")
        for one in vars(import_module(f"tui.{package}.{path.stem}")).values()
        if isinstance(one, type) and issubclass(one, Screen) and one.__module__ == f"tui.{package}.{path.stem}"
    }


def test_every_screen_and_every_dialog_has_a_picture() -> None:
    scenes = [scene for walk in _drawing().EVERY_WALK for scene in walk]
    shown = {scene.shows for scene in scenes}
    assert {one.__name__ for one in _screens() - shown} == set(WITHOUT)
    assert shown - _screens() == {CommandPalette}


def test_every_scene_has_a_file_of_its_own_and_no_file_is_left_over() -> None:
    names = [scene.name for walk in _drawing().EVERY_WALK for scene in walk]
    assert len(names) == len(set(names))
    assert set(names) == {one.stem for one in (ROOT / "screenshots").glob("*.svg")}
