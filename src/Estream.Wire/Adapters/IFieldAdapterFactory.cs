namespace Estream.Wire;

/// <summary>A factory whose adapters reach field devices, which a gateway edition limits. Stateless and thread-safe.</summary>
public interface IFieldAdapterFactory : IWireAdapterFactory
{
    /// <summary>Counts what an adapter with these settings uses, by the names in <see cref="FieldLimits"/>. Opens nothing.</summary>
    /// <param name="settings">The settings of the adapter, which <see cref="IWireAdapterFactory.Check"/> accepted.</param>
    IReadOnlyDictionary<string, long> CountUse(WireSettings settings);
}

/// <summary>The names of the limits of gateway editions that adapters count.</summary>
public static class FieldLimits
{
    /// <summary>Devices: Modbus devices, DNP3 outstations and OPC UA servers.</summary>
    public const string Devices = "devices";

    /// <summary>Modbus registers, coils and inputs, each counted once, and OPC UA items.</summary>
    public const string Registers = "registers";

    /// <summary>Serial lines of Modbus RTU.</summary>
    public const string SerialLines = "rtu";

    /// <summary>DNP3 outstations.</summary>
    public const string Dnp3 = "dnp3";

    /// <summary>OPC UA servers.</summary>
    public const string OpcUa = "opc_ua";
}
