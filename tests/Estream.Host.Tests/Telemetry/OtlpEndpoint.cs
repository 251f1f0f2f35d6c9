using System.Collections.Concurrent;
using System.Net;
using Estream.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Estream.Host.Tests.Telemetry;

/// <summary>Receives OTLP data and decodes it with protoc, which is independent of the sender. No collector is available as a Debian
/// package.</summary>
internal sealed class OtlpEndpoint : IAsyncDisposable
{
    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string? Authorization, byte[] Message)> _received = [];

    private OtlpEndpoint(bool isGrpc)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel =>
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        _app = builder.Build();
        _app.Run(context => TakeAsync(context, isGrpc));
    }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<OtlpEndpoint> StartAsync(bool isGrpc)
    {
        OtlpEndpoint endpoint = new(isGrpc);
        await endpoint._app.StartAsync();
        return endpoint;
    }

    /// <summary>The data sent to a path, decoded field by field, and its credentials.</summary>
    public string Received(string path) =>
        string.Join('\n',
            _received.Where(one => one.Path == path).Select(one => $"authorization: {one.Authorization}\n{Decode(one.Message)}"));

    /// <summary>All received messages, in order.</summary>
    public IReadOnlyList<byte[]> Sent => [.. _received.Select(one => one.Message)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, bool isGrpc)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        byte[] message = body.ToArray();
        _received.Enqueue((context.Request.Path, context.Request.Headers.Authorization, isGrpc ? message[GrpcPrefix..] : message));
        if (!isGrpc)
        {
            context.Response.ContentType = "application/x-protobuf";
            return;
        }

        context.Response.ContentType = "application/grpc";
        context.Response.AppendTrailer("grpc-status", "0");
        await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
    }

    private static string Decode(byte[] message)
    {
        using ChildProcess protoc = ChildProcess.Start(Peer.Require("protoc", "protobuf-compiler"), ["--decode_raw"]);
        protoc.Input.BaseStream.Write(message);
        protoc.Input.Close();
        ProcessResult end = protoc.WaitForExit();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output;
    }
}
