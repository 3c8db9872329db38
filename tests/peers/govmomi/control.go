package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// controlPort serves the tests, on loopback only and without any check of who asks:
//
//	POST   /set     XML: <set><obj type="Datastore">datastore-50</obj><propSet><name/><val/></propSet>...</set>
//	POST   /fault   {"method", "type", "name", "fault", "message", "count", "skip", "delay"}; DELETE forgets all
//	POST   /deny    a JSON list of privilege ids that nobody holds any more
//	GET    /calls   every API call so far: [{"method", "type", "id"}]; DELETE forgets them
func controlPort(model *simulator.Model, calls *callLog, denied *deniedPrivileges) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /set", func(w http.ResponseWriter, r *http.Request) { set(model, w, r) })
	mux.HandleFunc("POST /fault", func(w http.ResponseWriter, r *http.Request) { addFault(model, w, r) })
	mux.HandleFunc("DELETE /fault", func(http.ResponseWriter, *http.Request) { model.Service.ClearFaultRules() })
	mux.HandleFunc("POST /deny", func(w http.ResponseWriter, r *http.Request) {
		var ids []string
		if decode(w, r, &ids) {
			denied.replace(ids)
		}
	})
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(calls.all())
	})
	mux.HandleFunc("DELETE /calls", func(http.ResponseWriter, *http.Request) { calls.forget() })
	return mux
}

func set(model *simulator.Model, w http.ResponseWriter, r *http.Request) {
	var in struct {
		Obj  types.ManagedObjectReference `xml:"obj"`
		Prop []types.DynamicProperty      `xml:"propSet"`
	}
	decoder := xml.NewDecoder(r.Body)
	decoder.TypeFunc = types.TypeFunc()
	if err := decoder.Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	object := model.Map().Get(in.Obj)
	if object == nil {
		http.Error(w, "no such object", http.StatusNotFound)
		return
	}
	changes := make([]types.PropertyChange, 0, len(in.Prop))
	for _, property := range in.Prop {
		changes = append(changes, types.PropertyChange{Name: property.Name, Val: property.Val})
	}
	// A path or a type that does not fit panics; in a request of its own that must not end the process.
	defer func() {
		if failure := recover(); failure != nil {
			http.Error(w, fmt.Sprint(failure), http.StatusBadRequest)
		}
	}()
	ctx := model.Service.Context
	ctx.WithLock(object, func() { ctx.Update(object, changes) })
}

func addFault(model *simulator.Model, w http.ResponseWriter, r *http.Request) {
	in := struct {
		Method, Type, Name, Fault, Message string
		Count, Skip, Delay                 int
	}{Method: "*", Type: "*", Name: "*"}
	if !decode(w, r, &in) {
		return
	}
	kind, known := types.TypeFunc()(in.Fault)
	if !known {
		http.Error(w, "unknown fault", http.StatusBadRequest)
		return
	}
	fault, fits := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !fits {
		http.Error(w, "not a fault", http.StatusBadRequest)
		return
	}
	model.Service.AddFaultRule(&simulator.FaultInjectionRule{
		MethodName: in.Method, ObjectType: in.Type, ObjectName: in.Name,
		Probability: 1, FaultType: simulator.FaultTypeCustom, Fault: fault, Message: in.Message,
		MaxCount: in.Count, SkipCount: in.Skip, Delay: in.Delay, Enabled: true,
	})
}

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// callLog holds the name and the object of every call, in order; no argument, so no password.
type callLog struct {
	sync.Mutex
	calls []loggedCall
}

type loggedCall struct {
	Method string `json:"method"`
	Type   string `json:"type"`
	ID     string `json:"id"`
}

func (l *callLog) add(method *simulator.Method) {
	l.Lock()
	defer l.Unlock()
	l.calls = append(l.calls, loggedCall{method.Name, method.This.Type, method.This.Value})
}

func (l *callLog) all() []loggedCall {
	l.Lock()
	defer l.Unlock()
	return append([]loggedCall{}, l.calls...)
}

func (l *callLog) forget() {
	l.Lock()
	defer l.Unlock()
	l.calls = nil
}
