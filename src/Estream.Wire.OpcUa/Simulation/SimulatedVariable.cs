namespace Estream.Wire.OpcUa.Simulation;

/// <summary>A variable of a <see cref="OpcUaSimulator"/>. Thread-safe.</summary>
internal sealed class SimulatedVariable(UaNodeId node, string name, UaVariant value, bool isWritable)
{
    private readonly Lock _gate = new();
    private UaDataValue _value = new(value, UaStatus.Good, UaTime.Now, UaTime.Now);

    public UaNodeId Node => node;

    public string Name => name;

    public bool IsWritable => isWritable;

    /// <summary>The number of changes, which shows monitored items what is new.</summary>
    public long Version { get; private set; }

    public UaDataValue Value
    {
        get
        {
            lock (_gate)
            {
                return _value;
            }
        }
    }

    public void Set(UaVariant changed)
    {
        lock (_gate)
        {
            _value = new UaDataValue(changed, UaStatus.Good, UaTime.Now, UaTime.Now);
            Version++;
        }
    }
}
