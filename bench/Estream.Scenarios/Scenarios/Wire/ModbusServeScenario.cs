using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Reads registers of a Modbus TCP server over one loopback connection. The master of the harness is the same for all
/// servers.</summary>
internal sealed class ModbusServeScenario : IScenario
{
    private const string PyModbus = "pymodbus";

    // Python takes several times as long, so it gets a part of the reads.
    private const int PyModbusPortion = 10;

    public string Name => "modbus-serve";

    public string Summary => "answer reads of 10 holding registers, one request at a time";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new("10-registers-python", PyModbus,
            Contender.Managed("estream", static context => ModbusServeContender.Product(context)) with
            {
                Target = new Target([Goal.AtLeastTimes(2)], []),
                IsWithoutFiles = true,
            },
            Contender.Managed(PyModbus, static context => ModbusServeContender.PyModbus(context, PyModbusPortion)) with
            {
                Portion = PyModbusPortion,
                IsBuilt = File.Exists("/usr/lib/python3/dist-packages/pymodbus/__init__.py"),
                IsWithoutFiles = true,
            }),
    ];
}
