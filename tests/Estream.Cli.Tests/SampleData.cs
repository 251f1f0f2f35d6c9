using System.Text;
using Estream.Cli.Tune;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Cli.Tests;

/// <summary>The data folder of a host with a queue, created with the libraries of the host.</summary>
internal sealed class SampleData : IDisposable
{
    public const string QueueName = "telemetry";

    /// <summary>The minimum segment size, so that a few thousand messages fill several segments.</summary>
    private const int SegmentBytes = 64 * 1024;

    private readonly TempDirectory _folder = new();

    public ManualClock Clock { get; } = new(1_700_000_000_000_000_000);

    /// <summary>The master keys that encrypt the queue.</summary>
    public QueueKeyRing? Keys { get; set; }

    /// <summary>The settings of the kernel that commands see.</summary>
    public MachineFiles Machine { get; set; } = new("/");

    /// <summary>The clock of commands.</summary>
    public IClock CommandClock { get; set; } = SystemClock.Instance;

    /// <summary>Whether commands see themselves as root.</summary>
    public bool IsRoot { get; set; } = Environment.IsPrivilegedProcess;

    public string Folder => _folder.Path;

    public string QueueFolder => _folder.Combine("queues", QueueName);

    /// <summary>Appends readings of pump-0, pump-1, …, a millisecond apart, and returns their positions.</summary>
    public long[] AppendReadings(int count)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[512];
        return Append(count, index =>
        {
            string json = $$"""{"device_id":"pump-{{index}}","timestamp":{{index}},"metric_name":"flow","value":{{index}}.5}""";
            EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
            Assert.True(status.IsOk, status.ToString());
            return message.AsMemory(0, length);
        });
    }

    /// <summary>Appends bytes unchanged.</summary>
    public long AppendBytes(params byte[] bytes)
    {
        return Append(1, _ => bytes)[0];
    }

    public string Write(string name, string text)
    {
        string path = _folder.Combine(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command line on this data, in this process.</summary>
    public Task<CliResult> RunAsync(params string[] args)
    {
        return RunAsync(CancellationToken.None, args);
    }

    public Task<CliResult> RunAsync(CancellationToken cancellation, params string[] args) => RunAsync(Stream.Null, args, cancellation);

    /// <summary>Runs a command line with a text on standard input.</summary>
    public Task<CliResult> RunWithInputAsync(string input, params string[] args) =>
        RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(input)), args, CancellationToken.None);

    private async Task<CliResult> RunAsync(Stream input, string[] args, CancellationToken cancellation)
    {
        using MemoryStream output = new();
        using StringWriter error = new();
        CliContext context = new()
        {
            Input = input,
            Output = output,
            Error = error,
            DataFolder = Folder,
            Home = Folder,
            Cancellation = cancellation,
            Machine = Machine,
            IsRoot = IsRoot,
            Clock = CommandClock,
        };
        int code = await CliProgram.RunAsync(args, context);
        return new CliResult(code, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    public void Dispose()
    {
        _folder.Dispose();
    }

    private long[] Append(int count, Func<int, ReadOnlyMemory<byte>> next)
    {
        QueueOptions options = new() { SegmentBytes = SegmentBytes, Clock = Clock, Keys = Keys };
        using EstreamQueue queue = EstreamQueue.Open(QueueFolder, options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        long[] positions = new long[count];
        for (int index = 0; index < count; index++)
        {
            positions[index] = appender.Append(next(index).Span);
            Clock.Pass(TimeSpan.FromMilliseconds(1));
        }

        return positions;
    }
}
