# Copyright (c) 2026, the community.powerbi authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment pipelines: stages that each have a workspace, and deployments from one to the next."""

from __future__ import annotations

import dataclasses
import typing as t
import uuid

from powerbi_emulator.callers import Caller
from powerbi_emulator.emulator_state import EmulatorState, Store
from powerbi_emulator.report_content import bound_to
from powerbi_emulator.seed import Section
from powerbi_emulator.state.directory_objects import Principal
from powerbi_emulator.state.items import Item, Items, Parts

Difference = t.Literal["New", "Different", "NoDifference"]
Status = t.Literal["NotStarted", "Running", "Succeeded", "Failed"]


@dataclasses.dataclass
class Stage:
    id: str
    order: int
    name: str
    description: str = ""
    is_public: bool = False
    workspace_id: str | None = None


@dataclasses.dataclass
class Step:
    """One item of a deployment; ``target`` is None until it has been deployed."""

    source: Item
    difference: Difference
    target: Item | None = None
    status: Status = "NotStarted"


@dataclasses.dataclass
class Deployment:
    """Times in epoch seconds."""

    id: str
    source: Stage
    target: Stage
    performed_by: Principal
    note: str
    started: float
    updated: float
    steps: list[Step] = dataclasses.field(default_factory=list)
    status: Status = "Running"

    def count(self, difference: Difference) -> int:
        return sum(step.difference == difference for step in self.steps)


@dataclasses.dataclass
class Pipeline:
    """``pairs``: the id of an item -> the id of its counterpart in the next stage."""

    id: str
    name: str
    description: str
    stages: list[Stage]
    admins: list[str]
    pairs: dict[str, str] = dataclasses.field(default_factory=dict)
    deployments: list[Deployment] = dataclasses.field(default_factory=list)

    def administered_by(self, caller: Caller) -> bool:
        return bool({caller.object_id, *caller.groups} & set(self.admins))

    def stage(self, stage_id: str) -> Stage | None:
        return next((one for one in self.stages if one.id == stage_id.lower()), None)


class DeploymentPipelines(Store):
    """``pipelines`` is keyed by id in lower case. They are not in a seed: they are created through the API."""

    def __init__(self, emulated: EmulatorState, seed: Section) -> None:  # noqa: ARG002
        self._emulated = emulated
        self.pipelines: dict[str, Pipeline] = {}

    def visible_to(self, caller: Caller) -> list[Pipeline]:
        return [one for one in self.pipelines.values() if one.administered_by(caller)]

    def stage_of(self, workspace_id: str) -> Stage | None:
        """The stage that the workspace is assigned to; it can be in one pipeline only."""
        stages = (stage for pipeline in self.pipelines.values() for stage in pipeline.stages)
        return next((stage for stage in stages if stage.workspace_id == workspace_id), None)

    def begin(self, pipeline: Pipeline, source: Stage, target: Stage, who: Principal, note: str) -> Deployment:
        now = self._emulated.now()
        deployment = Deployment(str(uuid.uuid4()), source, target, who, note, now, now)
        pipeline.deployments.insert(0, deployment)
        return deployment

    def plan(self, pipeline: Pipeline, deployment: Deployment, items: list[Item]) -> None:
        """The steps, models before their reports."""
        for item in sorted(items, key=lambda one: one.type != "SemanticModel"):
            found = self._counterpart(pipeline, deployment.target, item)
            difference: Difference = "New"
            if found is not None:
                difference = "NoDifference" if found.parts == self._parts(pipeline, item) else "Different"
            deployment.steps.append(Step(item, difference, found))

    def deploy(self, pipeline: Pipeline, deployment: Deployment) -> None:
        """Copy each item to the target's workspace, or over its counterpart there."""
        workspace_id = deployment.target.workspace_id
        assert workspace_id is not None
        for step in deployment.steps:
            source, target = step.source, step.target
            if target is None:
                target = self._emulated.store(Items).create(
                    workspace_id, source.type, source.name, deployment.performed_by, description=source.description
                )
            target.parts, target.format = self._parts(pipeline, source), source.format
            target.model_id = self._model_id(pipeline, source)
            target.content, target.content_hash = source.content, source.content_hash
            target.touch(self._emulated)
            pipeline.pairs[source.id] = target.id
            step.target, step.status = target, "Succeeded"
        deployment.status, deployment.updated = "Succeeded", self._emulated.now()

    def _counterpart(self, pipeline: Pipeline, stage: Stage, item: Item) -> Item | None:
        if stage.workspace_id is None:
            return None
        items = self._emulated.store(Items)
        paired = pipeline.pairs.get(item.id)
        found = items.find(stage.workspace_id, paired, item.type) if paired else None
        if found is not None:
            return found
        named = items.named(stage.workspace_id, item.type, item.name)
        return named[0] if named else None

    def _parts(self, pipeline: Pipeline, item: Item) -> Parts:
        """The definition in the target: a report is bound to the model's counterpart."""
        model_id = self._model_id(pipeline, item)
        return item.parts if model_id == item.model_id else bound_to(item.parts, model_id)

    @staticmethod
    def _model_id(pipeline: Pipeline, item: Item) -> str | None:
        return pipeline.pairs.get(item.model_id, item.model_id) if item.model_id else None
