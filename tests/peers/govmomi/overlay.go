package main

import (
	"reflect"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// overlay logs every call, and puts our answers in front of govmomi's for the few calls where it has none.
//
// A wrapper in the global registry breaks govmomi where it casts to its own type (a snapshot then ends the process).
// In the registry of the caller's session only the dispatcher finds it, so it is put there just before the dispatch.
func overlay(model *simulator.Model, calls *callLog, denied *deniedPrivileges) {
	// pyvmomi writes xsi:type="ManagedObject" for a reference in a field of any type.
	types.Add("ManagedObject", reflect.TypeFor[types.ManagedObjectReference]())

	registry := model.Map()
	registry.Handler = func(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
		calls.add(method)
		if ctx.Session == nil || ctx.Session.Registry.Get(method.This) != nil {
			return nil, nil
		}
		switch found := registry.Get(method.This).(type) {
		case *simulator.VirtualMachine:
			if method.Name == "ReconfigVM_Task" {
				ctx.Session.Registry.Put(&guardedMachine{found})
			}
		case *simulator.StorageResourceManager:
			ctx.Session.Registry.Put(&storageDRS{found})
		case *simulator.AuthorizationManager:
			ctx.Session.Registry.Put(&privileges{found, denied})
		}
		return nil, nil
	}
}

// guardedMachine compares changeVersion, which govmomi counts up but never looks at.
type guardedMachine struct{ *simulator.VirtualMachine }

func (vm *guardedMachine) ReconfigVMTask(ctx *simulator.Context, req *types.ReconfigVM_Task) soap.HasFault {
	if asked := req.Spec.ChangeVersion; asked != "" && asked != vm.Config.ChangeVersion {
		refuse := func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
			return nil, new(types.ConcurrentAccess)
		}
		task := simulator.CreateTask(vm.VirtualMachine, "reconfigVm", refuse).Run(ctx)
		return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: task}}
	}
	return vm.VirtualMachine.ReconfigVMTask(ctx, req)
}

// storageDRS keeps the overrides of single machines, which govmomi accepts and drops.
type storageDRS struct {
	*simulator.StorageResourceManager
}

func (m *storageDRS) ConfigureStorageDrsForPodTask(
	ctx *simulator.Context, req *types.ConfigureStorageDrsForPod_Task,
) soap.HasFault {
	if len(req.Spec.VmConfigSpec) == 0 {
		return m.StorageResourceManager.ConfigureStorageDrsForPodTask(ctx, req)
	}
	pod := ctx.Map.Get(req.Pod).(*simulator.StoragePod)
	change := func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		rows := pod.PodStorageDrsEntry.StorageDrsConfig.VmConfig
		for _, spec := range req.Spec.VmConfigSpec {
			var fault types.BaseMethodFault
			if rows, fault = override(rows, spec); fault != nil {
				return nil, fault
			}
		}
		pod.PodStorageDrsEntry.StorageDrsConfig.VmConfig = rows
		return nil, nil
	}
	task := simulator.CreateTask(m.StorageResourceManager, "configureStorageDrsForPod", change).Run(ctx)
	return &methods.ConfigureStorageDrsForPod_TaskBody{
		Res: &types.ConfigureStorageDrsForPod_TaskResponse{Returnval: task},
	}
}

func override(
	rows []types.StorageDrsVmConfigInfo, spec types.StorageDrsVmConfigSpec,
) ([]types.StorageDrsVmConfigInfo, types.BaseMethodFault) {
	remove := spec.Operation == types.ArrayUpdateOperationRemove
	var machine types.ManagedObjectReference
	if remove {
		machine, _ = spec.RemoveKey.(types.ManagedObjectReference)
	} else if spec.Info != nil && spec.Info.Vm != nil {
		machine = *spec.Info.Vm
	}
	at := -1
	for i, row := range rows {
		if row.Vm != nil && *row.Vm == machine {
			at = i
		}
	}
	if (at >= 0) == (spec.Operation == types.ArrayUpdateOperationAdd) {
		return nil, &types.InvalidArgument{InvalidProperty: "operation"}
	}
	kept := append([]types.StorageDrsVmConfigInfo(nil), rows...)
	switch {
	case remove:
		kept = append(kept[:at], kept[at+1:]...)
	case at >= 0:
		kept[at] = *spec.Info
	default:
		kept = append(kept, *spec.Info)
	}
	return kept, nil
}

// deniedPrivileges are those that the control port took away from everybody.
type deniedPrivileges struct {
	sync.Mutex
	ids map[string]bool
}

func (d *deniedPrivileges) replace(ids []string) {
	d.Lock()
	defer d.Unlock()
	d.ids = make(map[string]bool, len(ids))
	for _, id := range ids {
		d.ids[id] = true
	}
}

func (d *deniedPrivileges) without(ids []string) []string {
	d.Lock()
	defer d.Unlock()
	var kept []string
	for _, id := range ids {
		if !d.ids[id] {
			kept = append(kept, id)
		}
	}
	return kept
}

// privileges takes the denied ones out of govmomi's answer, which is always "everything".
type privileges struct {
	*simulator.AuthorizationManager
	denied *deniedPrivileges
}

func (m *privileges) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	body := m.AuthorizationManager.FetchUserPrivilegeOnEntities(req).(*methods.FetchUserPrivilegeOnEntitiesBody)
	for i := range body.Res.Returnval {
		body.Res.Returnval[i].Privileges = m.denied.without(body.Res.Returnval[i].Privileges)
	}
	return body
}
