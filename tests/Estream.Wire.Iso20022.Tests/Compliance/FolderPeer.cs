using System.Globalization;
using System.Text;
using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>A writer that puts files into a folder. A file has a temporary name until it is complete.</summary>
internal sealed class FolderPeer(ComplianceSite site) : IWirePeer
{
    private const int PollMs = 5;

    private static long s_files;

    public static string FolderOf(ComplianceSite site)
    {
        return Path.Combine(site.Folder, "in");
    }

    public static string OutOf(ComplianceSite site)
    {
        return Path.Combine(site.Folder, "out");
    }

    public ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation)
    {
        return ValueTask.FromResult<IPeerConnection>(new FolderPeerConnection(FolderOf(site), OutOf(site)));
    }

    public async ValueTask MisbehaveAsync(CancellationToken cancellation)
    {
        string file = Put(FolderOf(site), Encoding.UTF8.GetBytes("<Document>no message of a bank"));
        while (File.Exists(file))
        {
            await Task.Delay(PollMs, cancellation);
        }
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }

    /// <summary>Puts a file into a folder, with a name that sorts after all others.</summary>
    public static string Put(string folder, ReadOnlySpan<byte> content)
    {
        string file = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref s_files):D9}.xml"));
        File.WriteAllBytes(file + ".part", content);
        File.Move(file + ".part", file);
        return file;
    }
}

/// <summary>Represents the connection of one writer, whose files are in order. Incomplete data becomes a file when the connection is
/// disposed.</summary>
internal sealed class FolderPeerConnection(string folder, string outFolder) : IPeerConnection
{
    private const int PollMs = 5;

    // Back-pressure here means that the writer waits for the adapter: it polls how many files are left.
    private const int MostWaiting = 500;
    private const int BetweenLooks = 50;

    private byte[] _rest = [];
    private int _files;
    private volatile bool _isOver;

    private static ReadOnlySpan<byte> End => "</Document>"u8;

    public IReadOnlyCollection<int> Acknowledged => [];

    public IReadOnlyCollection<ComplianceMessage> Received =>
        [.. Directory.EnumerateFiles(outFolder)
            .Select(path => new ComplianceMessage(Encoding.UTF8.GetBytes(Path.GetFileName(path)), File.ReadAllBytes(path)))];

    // A folder never closes a connection.
    public bool IsOver => false;

    public ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        return message.Payload;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        byte[] all = [.. _rest, .. bytes.Span];
        int start = 0;
        for (int length = LengthOfFirst(all, start); length > 0; length = LengthOfFirst(all, start))
        {
            if (_files++ % BetweenLooks == 0)
            {
                await WaitForRoomAsync(cancellation);
            }

            FolderPeer.Put(folder, all.AsSpan(start, length));
            start += length;
        }

        _rest = all[start..];
    }

    public void FallSilent()
    {
        // A folder has no keep-alives.
    }

    public ValueTask DisposeAsync()
    {
        if (!_isOver && _rest.Length > 0)
        {
            FolderPeer.Put(folder, _rest);
        }

        _isOver = true;
        return ValueTask.CompletedTask;
    }

    private static int LengthOfFirst(byte[] bytes, int start)
    {
        int end = bytes.AsSpan(start).IndexOf(End);
        return end < 0 ? 0 : end + End.Length;
    }

    private async Task WaitForRoomAsync(CancellationToken cancellation)
    {
        while (Directory.EnumerateFiles(folder, "*.xml").Count() >= MostWaiting)
        {
            await Task.Delay(PollMs, cancellation);
            if (_isOver)
            {
                throw new IOException("the writer has gone");
            }
        }
    }
}
