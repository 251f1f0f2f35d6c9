using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>Goal: an operator sees the senders of a listener, and why their messages were refused.</summary>
public sealed class ListenerTableTests
{
    private const string Header = "MSH|^~\\&|ADT1|GH|LAB|FAC|20260707120000||ADT^A01|1|P|2.5\r";

    [Fact]
    public async Task A_connection_has_its_address_and_the_counts_of_its_messages()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket silent = rig.Connect();
        using Socket socket = rig.Connect();
        ListenerRig.Exchange(socket, Header);
        ListenerRig.Exchange(socket, "nonsense");
        AdapterTable table = Assert.Single(rig.Listener.Tables);
        Eventually.True(() => table.Total == 2, "both connections are accepted");

        AdapterTablePage page = table.Read(new AdapterTableRequest(AddressOf(socket), 10, null));

        Assert.Equal("connections", table.Name);
        IReadOnlyList<AdapterCell> row = Assert.Single(page.Rows);
        Assert.Equal((AddressOf(socket), null), (row[0].Text, row[1].Text));
        Assert.True(row[2].Number <= row[3].Number, "the last message came after the connection");
        Assert.Equal((2, 1), (row[4].Number, row[5].Number));
        IReadOnlyList<AdapterCell> idle = table.Read(new AdapterTableRequest(AddressOf(silent), 10, null)).Rows[0];
        Assert.Equal((null, 0), (idle[3].Number, idle[4].Number));
        silent.Dispose();
        Eventually.True(() => table.Total == 1, "a closed connection leaves the table");
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_is_counted_with_its_reason_and_sender()
    {
        await using ListenerRig rig = new(null, "#", "Hl7Header");
        using Socket socket = rig.Connect();

        ListenerRig.Exchange(socket, "nonsense");

        AdapterRejection only = Assert.Single(rig.Rejections.ToList());
        Assert.Equal((1, null), (only.Count, only.LastSequence));
        Assert.EndsWith($"(from {AddressOf(socket)})", only.Detail, StringComparison.Ordinal);
        Assert.Equal(1, rig.Listener.Statistics.RejectedTotal);
    }

    private static string AddressOf(Socket socket) => $"127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}";
}
