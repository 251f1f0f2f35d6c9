using Estream.Testing;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Tests.Transport;

namespace Estream.Wire.Hl7.Tests.Peers;

/// <summary>node-hl7-client sends to the listener, and node-hl7-server receives from the client.</summary>
public sealed class NodeHl7Tests
{
    [PeerFact("npm", "npm")]
    public async Task Listener_acknowledges_every_sample_that_node_hl7_client_sends()
    {
        // This client takes the letters MSH in a value of that sample for a second message.
        string[] names = [.. PeerFiles.Names.Where(name => name != "ADT04-23.hl7")];
        using PeerFiles files = new();
        string script = files.Install("client.js");
        await using ListenerRig rig = new(null, "#", "Hl7Message");
        ProcessResult result = ChildProcess.Run("node", [script, $"{rig.Port}", .. names], files.Path).EnsureSuccess();
        string[] acks = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names.Length, acks.Length);
        Assert.All(acks, ack => Assert.Matches("^(AA|CA) same$", ack));
        Assert.Equal(names.Length, rig.Read("Hl7Message").Count);
        Assert.Empty(rig.Read("dead-letters"));
    }

    [PeerFact("npm", "npm")]
    public async Task Client_reads_the_acknowledgements_of_node_hl7_server()
    {
        using PeerFiles files = new();
        int port = FreePort.Next();
        using ChildProcess server = ChildProcess.Start("node", [files.Install("server.js"), $"{port}"], files.Path);
        server.WaitForText("UP");
        foreach (string name in PeerFiles.Names)
        {
            // This server handles all earlier messages of a connection again with each message.
            await using MllpClient client = await MllpClient.ConnectAsync("127.0.0.1", port, TimeSpan.FromSeconds(30));
            Hl7Ack? ack = await client.SendAsync(Samples.Read(name));
            Assert.True(ack?.Code.IsAccept(), $"{name}: {ack}");
        }
    }
}
