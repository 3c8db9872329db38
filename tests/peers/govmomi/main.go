// A vCenter for the tests: govmomi's simulator on loopback, with a control port to preset and to observe it.
//
// Everything here that answers an API call itself stands in overlay.go; a test that rests on one of those answers is a
// test against ourselves, not against an independent peer.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

type options struct {
	listen, control    string
	load               string
	cert, key          string
	username, password string
	esx                bool
}

func main() {
	opt, model := parse()
	for _, address := range []string{opt.listen, opt.control} {
		if host, _, _ := net.SplitHostPort(address); host != "127.0.0.1" && host != "127.0.0.2" {
			log.Fatalf("%s is not on loopback", address)
		}
	}
	if err := fill(model, opt.load); err != nil {
		log.Fatal(err)
	}
	completeEnums(model)
	calls := new(callLog)
	denied := new(deniedPrivileges)
	overlay(model, calls, denied)

	service := model.Service
	service.RegisterEndpoints = true
	service.Listen = &url.URL{Host: opt.listen}
	if opt.username != "" {
		service.Listen.User = url.UserPassword(opt.username, opt.password)
	}
	service.TLS = new(tls.Config)
	if opt.cert != "" {
		pair, err := tls.LoadX509KeyPair(opt.cert, opt.key)
		if err != nil {
			log.Fatal(err)
		}
		service.TLS.Certificates = []tls.Certificate{pair}
	}
	server := service.NewServer()
	listener, err := net.Listen("tcp", opt.control)
	if err != nil {
		log.Fatal(err)
	}
	control := &http.Server{Handler: controlPort(model, calls, denied), ReadHeaderTimeout: 10 * time.Second}
	go func() { log.Fatal(control.Serve(listener)) }()
	fmt.Printf("READY %s %s\n", server.URL.Host, listener.Addr())

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
	model.Remove()
}

func parse() (options, *simulator.Model) {
	var opt options
	model := simulator.VPX()
	counts := map[string]*int{
		"dc": &model.Datacenter, "cluster": &model.Cluster, "host": &model.ClusterHost,
		"standalone-host": &model.Host, "ds": &model.Datastore, "vm": &model.Machine, "pod": &model.Pod,
	}
	for name, count := range counts {
		flag.IntVar(count, name, *count, "how many, as vcsim's flag of that name")
	}
	api := flag.String("api-version", "8.0.3.0", "what about.apiVersion says")
	flag.StringVar(&opt.listen, "l", "127.0.0.1:0", "address of the SDK; port 0 takes a free one")
	flag.StringVar(&opt.control, "control", "127.0.0.1:0", "address of the control port")
	flag.StringVar(&opt.load, "load", "", "folder written by govc object.save")
	flag.StringVar(&opt.cert, "tlscert", "", "certificate file; without it vcsim's built-in one")
	flag.StringVar(&opt.key, "tlskey", "", "key file")
	flag.StringVar(&opt.username, "username", "", "the only user; without it anyone with a password may sign in")
	flag.StringVar(&opt.password, "password", "", "that user's password")
	flag.BoolVar(&opt.esx, "esx", false, "an ESXi host on its own")
	flag.Parse()
	if opt.esx {
		machines := model.Machine
		model = simulator.ESX()
		model.Machine = machines
	} else {
		model.ServiceContent.About.ApiVersion = *api
	}
	return opt, model
}

func fill(model *simulator.Model, folder string) error {
	if folder != "" {
		return model.Load(folder)
	}
	return model.Create()
}

// completeEnums gives two enumerations a value that govmomi's machines leave empty: an empty one cannot be read by
// pyvmomi wherever runtime is asked for as a whole.
func completeEnums(model *simulator.Model) {
	for _, entity := range model.Map().All("VirtualMachine") {
		vm := entity.(*simulator.VirtualMachine)
		for _, runtime := range []*types.VirtualMachineRuntimeInfo{&vm.Runtime, &vm.Summary.Runtime} {
			runtime.FaultToleranceState = types.VirtualMachineFaultToleranceStateNotConfigured
			runtime.RecordReplayState = types.VirtualMachineRecordReplayStateInactive
		}
	}
}
