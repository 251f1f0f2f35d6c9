using System.CommandLine;

namespace Estream.Cli.Commands.Modbus;

/// <summary>`estream modbus`: reads, writes and finds Modbus devices, without a host.</summary>
internal static class ModbusCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("modbus",
            "Reads and writes the registers and coils of a Modbus device by TCP or TLS, and finds the units of a gateway. Addresses count "
            + "from 0. Example: estream modbus read 10.0.0.7:502 --unit 1 --holding 0:10")
        {
            ModbusReadCommand.Create(context),
            ModbusWriteCommand.Create(context),
            ModbusScanCommand.Create(context),
        };
    }
}
