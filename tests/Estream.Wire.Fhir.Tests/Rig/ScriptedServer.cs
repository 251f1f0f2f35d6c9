using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Estream.Testing;

namespace Estream.Wire.Fhir.Tests.Rig;

/// <summary>An HTTP server whose answers a test writes, also invalid ones.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<string, ScriptedAnswer> _answer;

    /// <param name="answer">Answers a request for a path with its query.</param>
    public ScriptedServer(Func<string, ScriptedAnswer> answer)
    {
        _answer = answer;
        Url = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
        _listener.Prefixes.Add(Url.AbsoluteUri);
        _listener.Start();
        _ = Task.Run(ServeAsync);
    }

    public Uri Url { get; }

    /// <summary>The requests: method, path and query.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>The bodies of the requests.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>A Bundle of type searchset.</summary>
    /// <param name="next">The link to the next page; null for none.</param>
    /// <param name="resources">The resources.</param>
    public static string Bundle(string? next, params string[] resources) =>
        "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":["
        + (next is null ? "" : $"{{\"relation\":\"next\",\"url\":\"{next}\"}}") + "],\"entry\":["
        + string.Join(',', resources.Select(resource => $"{{\"resource\":{resource}}}")) + "]}";

    /// <summary>A Patient with a version.</summary>
    public static string Patient(string id, DateTime updated, int version = 1) => string.Create(
        CultureInfo.InvariantCulture, $"{{\"resourceType\":\"Patient\",\"id\":\"{id}\",\"meta\":{{\"versionId\":\"{version}\","
            + $"\"lastUpdated\":\"{updated:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\"}}}}");

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context = await _listener.GetContextAsync();
            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
            Bodies.Enqueue(await reader.ReadToEndAsync());
            Requests.Enqueue($"{context.Request.HttpMethod} {context.Request.Url!.PathAndQuery}");
            ScriptedAnswer answer = _answer(context.Request.Url.PathAndQuery);
            context.Response.StatusCode = answer.Status;
            if (answer.Date is { } date)
            {
                context.Response.Headers["Date"] = date.ToString("R", CultureInfo.InvariantCulture);
            }

            if (answer.Location is not null)
            {
                context.Response.Headers["Location"] = answer.Location;
            }

            await context.Response.OutputStream.WriteAsync(answer.Body);
            context.Response.Close();
        }
        catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
        {
            // The client has gone.
        }
    }
}

/// <summary>An answer.</summary>
internal sealed record ScriptedAnswer(int Status, byte[] Body)
{
    public DateTime? Date { get; init; }

    public string? Location { get; init; }

    public static implicit operator ScriptedAnswer(string body) => new(200, Encoding.UTF8.GetBytes(body));
}
