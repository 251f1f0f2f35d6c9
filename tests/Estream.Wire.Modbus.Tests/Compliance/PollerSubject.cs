using System.Buffers.Binary;
using System.Globalization;
using Estream.Esf;
using Estream.Wire.Compliance;

namespace Estream.Wire.Modbus.Tests.Compliance;

/// <summary>The poller for the suite: one device with one point of eight decimal digits, whose value is the number of a message.</summary>
internal sealed class PollerSubject : IComplianceSubject
{
    private const string Topic = "values/peer/counter";

    public IWireAdapterFactory Factory { get; } = new ModbusPollerFactory();

    public ComplianceTraits Traits => ComplianceTraits.Dials | ComplianceTraits.NoticesSilence;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["T5"] = "the dead letter of a value has the time of its response, which the suite cannot know; PollingTests check its registers",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);

    public string NumberField => "unsigned";

    // Eight decimal digits, four bits each: 0xF is none.
    public ComplianceMessage Unfit { get; } = new(System.Text.Encoding.UTF8.GetBytes(Topic), Payload(0xFFFFFFFF));

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Devices:0:Name"] = "peer",
        ["Devices:0:Host"] = "127.0.0.1",
        ["Devices:0:Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["Devices:0:TimeoutMs"] = "5000",
        ["Devices:0:MaxBackoffMs"] = "20",
        ["Devices:0:Points:0:Name"] = "counter",
        ["Devices:0:Points:0:Address"] = "40",
        ["Devices:0:Points:0:Type"] = "bcd32",
        ["Devices:0:Points:0:EveryMs"] = "1",
        ["ReconnectAfterTimeouts"] = "2",
        ["Reconnect:InitialMs"] = "10",
        ["Reconnect:MaxMs"] = "100",
        ["Mappings:0:Schema"] = "ModbusValue",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
    };

    public ComplianceMessage Message(int number)
    {
        uint digits = 0;
        for (int shift = 0; number > 0; number /= 10, shift += 4)
        {
            digits |= (uint)(number % 10) << shift;
        }

        return new ComplianceMessage(System.Text.Encoding.UTF8.GetBytes(Topic), Payload(digits));
    }

    public IWirePeer CreatePeer(ComplianceSite site) => new DevicePeer(site);

    /// <summary>The payload that the adapter makes of a response: the index of the point, the time, and the registers.</summary>
    private static byte[] Payload(uint registers)
    {
        byte[] payload = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(4), 1_700_000_000_000_000_000);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(12), registers);
        return payload;
    }
}
