using System.Net;
using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Hl7;
using Estream.Wire.Hl7.Acknowledgement;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a host that listens on IPv6 addresses only serves clients over IPv6.</summary>
[Collection(ProcessCollection.Name)]
public sealed class Ipv6Tests : IDisposable
{
    private readonly HostFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Ipv6Fact]
    public async Task Http_and_an_adapter_serve_clients_over_IPv6()
    {
        int port = FreePort.Next();
        File.WriteAllText(_files.Config, $$$$$"""
            {"Estream":{"Http":{"Address":"::1"},"Queues":{"admissions":{}},
             "Adapters":{"laboratory":{"Type":"hl7-listener","Address":"::1","Port":{{{{{port}}}}},
               "Mappings":[{"Schema":"Hl7Header","Queue":"admissions"}]}}}}
            """);
        using HostProcess host = HostProcess.Start(_files.Data, configFile: _files.Config);
        host.Process.WaitForText("Ready: ");

        using HttpClient http = new();
        Uri health = new($"http://[::1]:{host.HttpPort}/health");
        await Eventually.TrueAsync(async () => (await http.GetAsync(health)).StatusCode == HttpStatusCode.OK, "the host is healthy");
        Assert.Null(host.Health());
        await using MllpClient hospital = await MllpClient.ConnectAsync("::1", port, TimeSpan.FromSeconds(60));
        Assert.True((await hospital.SendAsync(Hl7Sample.Admission(1)))!.Code.IsAccept());
        Assert.Equal(1, _files.Count("admissions"));
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => other.Connect(IPAddress.Loopback, port));
        Assert.Equal(0, host.Stop().ExitCode);
    }

    /// <summary>Skips a test where no IPv6 address can be bound.</summary>
    private sealed class Ipv6FactAttribute : FactAttribute
    {
        public Ipv6FactAttribute()
        {
            try
            {
                using Socket probe = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            }
            catch (SocketException)
            {
                Skip = "This machine has no IPv6 address ::1.";
            }
        }
    }
}
