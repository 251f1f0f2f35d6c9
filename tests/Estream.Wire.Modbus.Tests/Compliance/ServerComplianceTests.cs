using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Modbus.Tests.Compliance;

/// <summary>The server, storing the writes of masters, passes the compliance suite of adapters.</summary>
public sealed class ServerComplianceTests
{
    private static readonly ServerSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task Server_passes_compliance_check(string check) => WireAdapterCompliance.RunAsync(check, s_subject);
}

/// <summary>A server with one writable point of 32 bits, to which masters write the number of a message.</summary>
internal sealed class ServerSubject : IComplianceSubject
{
    public IWireAdapterFactory Factory { get; } = new ModbusServerFactory();

    public ComplianceTraits Traits =>
        ComplianceTraits.Listens | ComplianceTraits.Acknowledges | ComplianceTraits.NoticesSilence;

    public IReadOnlyDictionary<string, string> NotApplicable { get; } = new Dictionary<string, string>
    {
        ["B4"] = "a write that does not fit is refused with an exception, so nothing becomes a dead letter",
        ["M1"] = "a write that does not fit is refused with an exception; MasterWriteTests check the counts",
        ["T5"] = "a write that does not fit is refused with an exception; MasterWriteTests check it",
        ["W2"] = "any register is a value, so a damaged number is still a number; ModbusCodecFuzz damages requests",
    };

    public EsfSchemaSet Schemas { get; } = EsfSchemaSet.BuiltIn.With(ModbusSchemas.Own);

    public string NumberField => "unsigned";

    public ComplianceMessage Unfit { get; } = new("writes"u8.ToArray(), new byte[] { 9, 9, 9, 9 });

    public IReadOnlyDictionary<string, string?> Settings(ComplianceSite site) => new Dictionary<string, string?>
    {
        ["Port"] = site.Port.ToString(CultureInfo.InvariantCulture),
        ["IdleSeconds"] = "10",
        ["RequestSeconds"] = "60",
        ["Units:0:Name"] = "plant",
        ["Units:0:Points:0:Name"] = "number",
        ["Units:0:Points:0:Type"] = "uint32",
        ["Units:0:Points:0:Writable"] = "true",
        ["Mappings:0:Schema"] = "ModbusWrite",
        ["Mappings:0:Queue"] = WireAdapterCompliance.Queue,
    };

    /// <summary>The payload that the adapter makes of a write: the index of the point, the time, the kind, and the value.</summary>
    public ComplianceMessage Message(int number)
    {
        byte[] payload = new byte[21];
        payload[12] = (byte)PointValueKind.UnsignedInteger;
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), number);
        return new ComplianceMessage("writes"u8.ToArray(), payload);
    }

    public IWirePeer CreatePeer(ComplianceSite site) => new TcpPeer(site.Port, socket => new MasterConnection(socket));
}

/// <summary>A master. The transaction identifier is the number of the message.</summary>
internal sealed class MasterConnection(Socket socket) : TcpPeerConnection(socket)
{
    private const int ResponseBytes = 12;

    /// <summary>Write Multiple Registers of two registers.</summary>
    public override ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        byte[] frame = [0, 0, 0, 0, 0, 11, 1, 16, 0, 0, 0, 2, 4, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(
            frame.AsSpan(13), (uint)BinaryPrimitives.ReadInt64LittleEndian(message.Payload.Span[13..]));
        return frame;
    }

    protected override async Task ReadAsync(NetworkStream stream)
    {
        byte[] response = new byte[ResponseBytes];
        while (true)
        {
            await stream.ReadExactlyAsync(response).ConfigureAwait(false);
            Acknowledge(BinaryPrimitives.ReadUInt16BigEndian(response));
        }
    }
}
