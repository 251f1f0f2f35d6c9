using System.Net;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>Serves the files of a directory. A test can handle requests itself with <see cref="Instead"/>.</summary>
internal sealed class StaticServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _directory;
    private readonly Task _serving;
    private readonly CancellationTokenSource _end = new();

    public StaticServer(string directory)
    {
        _directory = directory;
        Address = new Uri($"http://127.0.0.1:{FreePort.Next()}/components/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>Handles a request instead of the server and returns true; returns false to let the server answer.</summary>
    public Func<HttpListenerContext, CancellationToken, Task<bool>> Instead { get; set; } = (_, _) => Task.FromResult(false);

    public void Dispose()
    {
        _end.Cancel();
        // Do not call Stop before Close: Close would then listen again for a moment, and another process may have taken the port.
        _listener.Close();
        _serving.Wait(ChildProcess.DefaultLimit);
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception stopped) when (stopped is HttpListenerException or InvalidOperationException or OperationCanceledException
                or IOException)
            {
                // The client disconnected, or the listener was stopped, possibly before its next request. The loop checks which.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        if (await Instead(context, _end.Token))
        {
            context.Response.Close();
            return;
        }

        string file = Path.Combine(_directory, Uri.UnescapeDataString(context.Request.Url!.AbsolutePath)["/components/".Length..]);
        if (File.Exists(file))
        {
            await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
        }
        else
        {
            context.Response.StatusCode = 404;
        }

        context.Response.Close();
    }
}
