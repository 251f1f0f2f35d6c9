using System.Globalization;
using System.Text;
using Estream.Testing;

namespace Estream.Host.Tests.Process.Outages;

/// <summary>A process that sends numbered messages, and appends each number that the host has acknowledged to a file.</summary>
/// <param name="sender">The adapter, and what its queue has.</param>
/// <param name="protocol">hl7, fhir or modbus.</param>
/// <param name="file">The file of the numbers.</param>
internal sealed class SenderProcess(NumberedSender sender, string protocol, string file) : ProcessPeer
{
    private const int TailBytes = 64;

    /// <inheritdoc/>
    public override string Name => sender.Name;

    /// <inheritdoc/>
    public override object Adapter => sender.Adapter;

    /// <inheritdoc/>
    public override int Progress
    {
        get
        {
            if (!File.Exists(file))
            {
                return 0;
            }

            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            stream.Seek(-Math.Min(stream.Length, TailBytes), SeekOrigin.End);
            byte[] tail = new byte[TailBytes];
            int count = stream.ReadAtLeast(tail, TailBytes, throwOnEndOfStream: false);
            string[] lines = Encoding.ASCII.GetString(tail, 0, count).Split('\n');
            return lines.Length < 2 ? 0 : int.Parse(lines[^2], CultureInfo.InvariantCulture) + 1;
        }
    }

    /// <inheritdoc/>
    public override void AssertStored()
    {
        HashSet<int> stored = [.. sender.Stored()];
        int[] lost = [.. Enumerable.Range(0, Progress).Where(number => !stored.Contains(number))];
        Assert.True(lost.Length == 0, $"{Name}: acknowledged and lost: {string.Join(", ", lost.Take(10))}");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await sender.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override ChildProcess Launch() => LaunchPython("sender.py", protocol, sender.Address, Text(sender.Port), file);
}
