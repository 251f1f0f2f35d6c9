namespace Estream.Wire.OpcUa.Simulation;

/// <summary>A variable of a <see cref="OpcUaSimulator"/>. Thread-safe.</summary>
internal sealed class SimulatedVariable(UaNodeId node, string name, UaVariant value, bool isWritable)
{
    private readonly Lock _gate = new();
    private readonly List<SimulatedItem> _items = [];
    private UaDataValue _value = new(value, UaStatus.Good, UaTime.Now, UaTime.Now);

    public UaNodeId Node => node;

    public string Name => name;

    public bool IsWritable => isWritable;

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
            foreach (SimulatedItem item in _items)
            {
                item.Report(_value);
            }
        }
    }

    /// <summary>Reports the present value and each later one to a monitored item.</summary>
    public void Attach(SimulatedItem item)
    {
        lock (_gate)
        {
            item.Report(_value);
            _items.Add(item);
        }
    }

    public void Detach(SimulatedItem item)
    {
        lock (_gate)
        {
            _items.Remove(item);
        }
    }
}
