using System.Net;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>Serves the files of a directory, as any web server does; a test may answer a request itself.</summary>
internal sealed class StaticServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly string _directory;
    private readonly Task _serving;
    private readonly CancellationTokenSource _end = new();

    public StaticServer(string directory)
    {
        _directory = directory;
        (_listener, Address) = Listen();
        _serving = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    /// <summary>Answers a request itself, or says that it did not.</summary>
    public Func<HttpListenerContext, CancellationToken, Task<bool>> Instead { get; set; } = (_, _) => Task.FromResult(false);

    public void Dispose()
    {
        _end.Cancel();
        _listener.Stop();
        _serving.Wait(ChildProcess.DefaultLimit);
        _listener.Close();
        _end.Dispose();
    }

    // Another process may take a port between the moment it is found free and the one it is listened at.
    private static (HttpListener Listener, Uri Address) Listen()
    {
        for (int attempt = 1; ; attempt++)
        {
            Uri address = new($"http://127.0.0.1:{FreePort.Next()}/components/");
            HttpListener listener = new() { Prefixes = { address.AbsoluteUri } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                // One that could not begin is of no use any more.
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception stopped) when (stopped is HttpListenerException or InvalidOperationException or OperationCanceledException or IOException)
            {
                // The client went away, or the listener was stopped, perhaps before it was asked for the next request; the loop looks which.
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
