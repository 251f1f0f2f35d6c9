using System.Buffers.Binary;
using System.Globalization;
using Estream.Esf;
using Estream.Wire.Compliance;

namespace Estream.Wire.Modbus.Tests.Compliance;

/// <summary>The poller for the suite: one device with points of eight decimal digits, whose value is the number of a message. The points
/// are polled one after the other, so that the next poll does not wait for the next tick.</summary>
internal sealed class PollerSubject : IComplianceSubject
{
    private const string Topic = "values/peer/counter0";

    private const int Points = 4;

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

    public static TheoryData<string> Checks(bool isBackPressure) =>
        [.. WireAdapterCompliance.For(new PollerSubject()).Select(check => check.Id).Where(id => id.StartsWith('B') == isBackPressure)];

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site)
    {
        Dictionary<string, string?> settings = new()
        {
            ["Devices:0:Name"] = "peer",
            ["Devices:0:Host"] = "127.0.0.1",
            ["Devices:0:Port"] = site.Port.ToString(CultureInfo.InvariantCulture),

            // One time-out longer than the pauses of a slow machine: the response to a poll that has timed out is a lost message.
            ["Devices:0:TimeoutMs"] = "8000",
            ["Devices:0:ConnectTimeoutMs"] = "60000",
            ["Devices:0:MaxBackoffMs"] = "20",
            ["Devices:0:MaxGap"] = "0",
            ["ReconnectAfterTimeouts"] = "1",
            ["Reconnect:InitialMs"] = "10",
            ["Reconnect:MaxMs"] = "100",
            ["Mappings:0:Schema"] = "ModbusValue",
            ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
        };
        for (int point = 0; point < Points; point++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"Devices:0:Points:{point}:");
            settings[key + "Name"] = string.Create(CultureInfo.InvariantCulture, $"counter{point}");
            settings[key + "Address"] = (40 * point).ToString(CultureInfo.InvariantCulture);
            settings[key + "Type"] = "bcd32";
            settings[key + "EveryMs"] = "1";
        }

        return settings;
    }

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

    /// <summary>The payload that the adapter makes of a response: the index of the point, the time, the poll number, and the
    /// registers.</summary>
    private static byte[] Payload(uint registers)
    {
        byte[] payload = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(4), 1_700_000_000_000_000_000);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(12), 1_700_000_000);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(20), registers);
        return payload;
    }
}
