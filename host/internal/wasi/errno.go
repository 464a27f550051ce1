package wasi

import (
	"errors"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// errno is an error number of preview 1.
type errno uint32

const (
	ok           errno = 0
	eACCES       errno = 2
	eBADF        errno = 8
	eBUSY        errno = 10
	eDQUOT       errno = 19
	eEXIST       errno = 20
	eFAULT       errno = 21
	eFBIG        errno = 22
	eILSEQ       errno = 25
	eINVAL       errno = 28
	eIO          errno = 29
	eISDIR       errno = 31
	eLOOP        errno = 32
	eMFILE       errno = 33
	eNAMETOOLONG errno = 37
	eNOENT       errno = 44
	eNOSPC       errno = 51
	eNOTDIR      errno = 54
	eNOTEMPTY    errno = 55
	eNOTSOCK     errno = 57
	eNOTSUP      errno = 58
	eROFS        errno = 69
	eSPIPE       errno = 70
	eXDEV        errno = 75
)

var fileErrnos = map[files.Error]errno{
	files.ErrAccess: eACCES, files.ErrNotExist: eNOENT, files.ErrExist: eEXIST, files.ErrIsDir: eISDIR,
	files.ErrNotDir: eNOTDIR, files.ErrNotEmpty: eNOTEMPTY, files.ErrLink: eLOOP, files.ErrCrossDevice: eXDEV,
	files.ErrInvalid: eINVAL, files.ErrName: eILSEQ, files.ErrNameTooLong: eNAMETOOLONG, files.ErrBadFile: eBADF,
	files.ErrSeek: eSPIPE, files.ErrTooManyOpen: eMFILE, files.ErrQuota: eDQUOT, files.ErrNoSpace: eNOSPC,
	files.ErrTooBig: eFBIG, files.ErrReadOnly: eROFS, files.ErrBusy: eBUSY, files.ErrUnsupported: eNOTSUP,
	files.ErrIO: eIO,
}

// fileErrno turns an error of package files into a number. Any other error
// came from the host's Charge and ends the call.
func fileErrno(err error) errno {
	if err == nil {
		return ok
	}
	var e files.Error
	if !errors.As(err, &e) {
		panic(err)
	}
	if no, known := fileErrnos[e]; known {
		return no
	}
	return eIO
}
