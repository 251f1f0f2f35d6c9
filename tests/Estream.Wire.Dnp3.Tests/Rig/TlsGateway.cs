using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire.Dnp3.Tests.Rig;

/// <summary>A TLS server in front of an outstation, as a gateway of a substation is.</summary>
internal sealed class TlsGateway : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly int _target;

    public TlsGateway(X509Certificate2 certificate, int target)
    {
        (_certificate, _target) = (certificate, target);
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client = await _listener.AcceptTcpClientAsync();
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            await using SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate });
            using TcpClient outstation = new("127.0.0.1", _target);
            await using NetworkStream plain = outstation.GetStream();
            await Task.WhenAny(stream.CopyToAsync(plain), plain.CopyToAsync(stream));
        }
    }
}
