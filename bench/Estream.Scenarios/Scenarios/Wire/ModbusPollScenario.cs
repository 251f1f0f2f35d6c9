using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Polls registers of one device over one loopback connection.</summary>
internal sealed class ModbusPollScenario : IScenario
{
    private const string LibModbus = "libmodbus";
    private const string PyModbus = "pymodbus";

    // Python takes several times as long, so it gets a part of the polls.
    private const int PyModbusPortion = 10;

    public string Name => "modbus-poll";

    public string Summary => "read 10 holding registers of a Modbus TCP device, one request at a time";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new("10-registers", LibModbus,
            Contender.Managed(LibModbus, ModbusPeerContender.LibModbus) with
            {
                NativeCommand = ModbusPeerContender.NativeCommand,
                IsWithoutFiles = true,
            },
            Product(1)),
        new("10-registers-python", PyModbus,
            Product(2),
            Contender.Managed(PyModbus, context => ModbusPeerContender.PyModbus(context, PyModbusPortion)) with
            {
                Portion = PyModbusPortion,
                IsBuilt = File.Exists("/usr/lib/python3/dist-packages/pymodbus/__init__.py"),
                IsWithoutFiles = true,
            }),
    ];

    private static Contender Product(double times) => Contender.Managed("estream", context => new ModbusPollContender(context)) with
    {
        Target = new Target([Goal.AtLeastTimes(times)], []),
        IsWithoutFiles = true,
    };
}
