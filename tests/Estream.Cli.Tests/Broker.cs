using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>A mosquitto broker for one test, on a free port.</summary>
internal sealed class Broker : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly ChildProcess _process;

    /// <param name="settings">Additional lines for the configuration of the broker.</param>
    public Broker(string settings = "")
    {
        string configuration = _folder.Combine("mosquitto.conf");
        File.WriteAllText(configuration, $"listener {Port} 127.0.0.1\n{settings}\nuser root\nallow_anonymous true\npersistence false\n");
        _process = ChildProcess.Start(Peer.Require("mosquitto", "mosquitto"), ["-v", "-c", configuration]);
        Eventually.True(Answers, "the broker listens");
    }

    public int Port { get; } = FreePort.Next();

    /// <summary>Starts a subscriber that ends after a number of messages, and returns when it is subscribed.</summary>
    public ChildProcess Subscribe(string filter, int count)
    {
        ChildProcess subscriber = ChildProcess.Start(
            Peer.Require("mosquitto_sub", "mosquitto-clients"),
            ["-V", "5", "-p", $"{Port}", "-q", "1", "-t", filter, "-F", "%t %p", "-C", $"{count}"]);

        // Wait for the log line of the broker: without a terminal, the subscriber buffers its own output.
        _process.WaitForText("Sending SUBACK");
        return subscriber;
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    private bool Answers()
    {
        try
        {
            using TcpClient client = new("127.0.0.1", Port);
            return client.Connected;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
