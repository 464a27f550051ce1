package acl_test
import ("testing";"strings";"fmt";"time";"runtime";"github.com/ambit-wasm/ambit/authority/acl")
func TestZZ(t *testing.T){
 gen:=func(f func(b *strings.Builder)) string { var b strings.Builder; b.WriteString(`{"module":{"name":"m","abi":1}`); f(&b); b.WriteString("}"); return b.String() }
 list:=func(b *strings.Builder, key string, n int, item func(i int) string){ b.WriteString(`,"`+key+`":[`); for i:=0;i<n;i++ { if i>0 {b.WriteByte(',')}; b.WriteString(item(i)) }; b.WriteString("]") }
 for name,text:=range map[string]string{
  "commands": gen(func(b *strings.Builder){ list(b,"command",28000,func(i int)string{return fmt.Sprintf(`{"name":"command_%d"}`,i)}) }),
  "unknown commands": gen(func(b *strings.Builder){ list(b,"command",12000,func(i int)string{return fmt.Sprintf(`{"name":"command_%d"}`,i)}); b.WriteString(`,"permission":[{"identifier":"p","commands":{"allow":[`); for i:=0;i<25000;i++ { if i>0 {b.WriteByte(',')}; fmt.Fprintf(b,`"comand_%d"`,i)}; b.WriteString(`]}}]`)}),
  "unknown members": gen(func(b *strings.Builder){ list(b,"command",12000,func(i int)string{return fmt.Sprintf(`{"name":"command_%d"}`,i)}); b.WriteString(`,"set":[{"identifier":"p","permissions":[`); for i:=0;i<25000;i++ { if i>0 {b.WriteByte(',')}; fmt.Fprintf(b,`"alow-command-%d"`,i)}; b.WriteString(`]}]`)}),
  "set of sets": gen(func(b *strings.Builder){ list(b,"set",9000,func(i int)string{ if i==0 {return `{"identifier":"s0","permissions":[]}`}; return fmt.Sprintf(`{"identifier":"s%d","permissions":["s%d","s%d","s%d","s%d"]}`,i,i-1,i-1,i-1,i-1)}) }),
  "cycles": gen(func(b *strings.Builder){ list(b,"set",9000,func(i int)string{ return fmt.Sprintf(`{"identifier":"s%d","permissions":["s%d","s%d"]}`,i,(i+1)%9000,(i*7)%9000)}) }),
  "scopes": gen(func(b *strings.Builder){ b.WriteString(`,"command":[{"name":"c","powers":["fs.read"]}],"permission":[{"identifier":"p","scope":{"allow":[`); for i:=0;i<30000;i++ { if i>0 {b.WriteByte(',')}; fmt.Fprintf(b,`{"path":"$A/%d/**"}`,i)}; b.WriteString(`]}}]`)}),
  "unknown scope keys": gen(func(b *strings.Builder){ b.WriteString(`,"command":[{"name":"c","powers":["fs.read"]}],"permission":[{"identifier":"p","scope":{"allow":[{"path":"$A"`); for i:=0;i<60000;i++ { fmt.Fprintf(b,`,"path%d":1`,i)}; b.WriteString(`}]}}]`)}),
 } {
  if len(text)>1<<20 { t.Error(name,"too big",len(text)); continue }
  var m0,m1 runtime.MemStats; runtime.GC(); runtime.ReadMemStats(&m0)
  s:=time.Now(); m,ps:=acl.ParseManifestJSON("m",[]byte(text)); d:=time.Since(s); runtime.ReadMemStats(&m1)
  s=time.Now(); if ps.Err()==nil { acl.NewLockEntry(m,"").Lends() }
  t.Logf("%-20s %7d bytes %8v problems %d alloc %d MB lends %v", name,len(text),d,len(ps),(m1.TotalAlloc-m0.TotalAlloc)>>20, time.Since(s))
  if len(ps)>0 { t.Log(ps[0]) }
 }}
