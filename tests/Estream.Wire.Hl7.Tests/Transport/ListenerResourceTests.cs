using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>A message is stored with all the resources it identifies, or refused as a whole; and a connection ends while a queue is
/// blocked.</summary>
public sealed class ListenerResourceTests
{
    private const string Header = "MSH|^~\\&|LAB|GH|EHR|GH|20260101||ORU^R01|77|P|2.5\rPID|1||567^^^GH\r";

    [Fact]
    public async Task Message_whose_visit_has_no_number_is_accepted_without_an_encounter()
    {
        await using ListenerRig rig = new();
        using Socket socket = rig.Connect();
        Assert.Equal("MSA|AA|77", Send(socket, Header + "PV1|1|N\r"));
        Assert.Empty(rig.Read("FhirEncounter"));
        Assert.Empty(rig.Read("dead-letters"));
        Assert.Single(rig.Read("FhirPatient"));
    }

    [Fact]
    public async Task Observation_without_a_property_is_left_out()
    {
        await using ListenerRig rig = new();
        using Socket socket = rig.Connect();
        Assert.Equal("MSA|AA|77", Send(socket, Header + "OBR|1||F1\rOBX|1|NM|1^a^L||1\rOBX|2|NM|||1\rOBX|3|NM|3^c^L||1\r"));
        Assert.Equal(2, rig.Read("FhirObservation").Count);
        Assert.Empty(rig.Read("dead-letters"));
        Assert.Single(rig.Read("Hl7Message"));
    }

    [Fact]
    public async Task Message_with_a_part_that_does_not_fit_is_refused_as_a_whole()
    {
        await using ListenerRig rig = new();
        using Socket socket = rig.Connect();
        string message = Header.Replace("|LAB|", $"|{new string('L', 300)}|", StringComparison.Ordinal);
        Assert.StartsWith("MSA|AE|77|", Send(socket, message), StringComparison.Ordinal);
        Assert.StartsWith("MSA|AE|77|", Send(socket, message), StringComparison.Ordinal);
        Assert.Empty(rig.Read("FhirPatient"));
        Assert.Equal(2, rig.Read("dead-letters").Count);
    }

    [Theory]
    [InlineData("BIG-5")]
    [InlineData("GB 18030-2000")]
    public async Task Character_set_with_delimiters_in_its_characters_is_refused(string set)
    {
        await using ListenerRig rig = new(null, "#", "FhirPatient");
        using Socket socket = rig.Connect();
        socket.Send([0x0B, .. Encoding.ASCII.GetBytes($"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|77|P|2.5||||||{set}\rPID|1||567^^^GH||"),
            0xB3, 0x5C, .. "^A\r"u8, 0x1C, 0x0D]);
        Assert.StartsWith("MSA|AE|77|", Msa(ListenerRig.ReadFrame(socket)!), StringComparison.Ordinal);
        Assert.Empty(rig.Read("FhirPatient"));
    }

    [Fact]
    public async Task Sender_that_leaves_while_a_queue_is_blocked_is_forgotten()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        rig.Pause("Hl7Header", Full());
        using (Socket socket = rig.Connect())
        {
            socket.Send([0x0B, .. Encoding.UTF8.GetBytes(Header), 0x1C, 0x0D]);
            Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.StorageBlocked), "the listener waits");
        }

        Eventually.True(() => rig.Listener.Statistics.Connections == 0, "the connection has ended");
        rig.Pause("Hl7Header", null);
        using Socket next = rig.Connect();
        Assert.Equal("MSA|AA|77", Send(next, Header));
        Assert.Single(rig.Read("Hl7Header"));
    }

    [Fact]
    public async Task Connection_ends_without_an_answer_if_a_queue_stays_blocked()
    {
        await using ListenerRig rig = new(options => options with { MessageSeconds = 1 }, "#", "Hl7Header");
        rig.Pause("Hl7Header", Full());
        using Socket socket = rig.Connect();
        socket.Send([0x0B, .. Encoding.UTF8.GetBytes(Header), 0x1C, 0x0D]);
        Assert.Null(ListenerRig.ReadFrame(socket));
        rig.Pause("Hl7Header", null);
        Assert.Empty(rig.Read("Hl7Header"));
    }

    private static EstreamStorageException Full() => new("The disk is full.", null, StorageFailure.DiskFull);

    private static string Send(Socket socket, string message) => Msa(ListenerRig.Exchange(socket, message)[0]);

    private static string Msa(string ack) => ack.Split('\r').First(line => line.StartsWith("MSA", StringComparison.Ordinal));
}
