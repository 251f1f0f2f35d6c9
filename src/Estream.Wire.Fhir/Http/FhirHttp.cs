using System.Net;
using System.Net.Security;
using Estream.Wire.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Wire.Fhir.Http;

/// <summary>A Kestrel server without logging, routing and configuration: every request goes to one delegate.</summary>
internal sealed class FhirHttp : IAsyncDisposable
{
    private const int MinResponseBytesPerSecond = 64 << 10;
    private const int MaxStreamsPerConnection = 8;

    private static readonly TimeSpan s_responseGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_headersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;

    private FhirHttp(WebApplication application) => _application = application;

    /// <summary>The address and port.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    /// <summary>Binds the port and serves.</summary>
    /// <param name="options">The options.</param>
    /// <param name="tls">Returns the present certificates; null for plain HTTP.</param>
    /// <param name="handle">Answers requests.</param>
    /// <param name="cancellation">Cancels the start.</param>
    /// <exception cref="IOException">The port is taken or may not be bound.</exception>
    public static async Task<FhirHttp> StartAsync(
        FhirServerOptions options, Func<SslServerAuthenticationOptions>? tls, RequestDelegate handle, CancellationToken cancellation)
    {
        ConnectionGate gate = new(options.MaxConnectionsPerAddress, options.MaxConnections, options.PendingTimeout);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = s_headersTimeout;
            kestrel.Limits.KeepAliveTimeout = s_keepAlive;
            kestrel.Limits.MinResponseDataRate = new MinDataRate(MinResponseBytesPerSecond, s_responseGrace);
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Use(gate.Limit);
                listen.Protocols = tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (tls is not null)
                {
                    listen.Use(PlainRequests.Answer("Use https:// instead of http://."));
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        HandshakeTimeout = s_handshake,
                        OnConnection = _ => ValueTask.FromResult(tls()),
                    });
                }
            });
        });
        WebApplication application = builder.Build();
        application.Run(handle);
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        Uri address = new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return new FhirHttp(application) { EndPoint = new IPEndPoint(options.Address, address.Port) };
    }

    /// <summary>Stops accepting requests, and waits for those in progress.</summary>
    public Task StopAsync(CancellationToken cancellation) => _application.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
