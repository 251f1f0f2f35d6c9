using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Wire;

namespace LineFile;

/// <summary>
/// Reads lines DEVICE VALUE from a file that other programs append to, and appends the JSON of messages to another file. The adapter stores
/// its read position with the host's data, after it has stored the messages. After a crash it may read the lines of the last poll again;
/// after an orderly end it reads no line again.
/// </summary>
public sealed class LineFileAdapter : IWireAdapter
{
    private const string Metric = "line";
    private const int LookBytes = 64 * 1024;

    private readonly LineFileOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private readonly Lock _sending = new();
    private readonly byte[] _look = new byte[LookBytes];
    private long _position;
    private long _received;
    private long _bytes;
    private long _rejected;
    private long _emitted;
    private volatile bool _isServing;
    private volatile string? _trouble;

    internal LineFileAdapter(LineFileOptions options, AdapterContext context)
    {
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _routes = new IngressRoutes(options.Mappings, context.Ingress);
        _translator = new IngressWriter(_routes, context, _events);
        Schemas = new AdapterSchemas([.. options.Mappings.Select(mapping => mapping.Schema).Distinct()], options.Egress);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => LineFileFactory.FileDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        new(0, Volatile.Read(ref _received), Volatile.Read(ref _rejected), Volatile.Read(ref _bytes))
        {
            EmittedTotal = Volatile.Read(ref _emitted),
        };

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter does not read the file.")
        : _routes.Failure is { } blocked ? HealthStatus.Unhealthy($"A queue cannot be written, so no lines are read: {blocked.Message}")
        : _trouble is { } trouble ? HealthStatus.Degraded(trouble)
        : HealthStatus.Healthy($"{_received} lines of {_options.File} are stored.");

    private string? PlaceFile => _context.Place is { } place ? Path.Combine(place.Directory, "position") : null;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (PlaceFile is { } file && File.Exists(file))
        {
            string text = await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false);
            _position = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long position)
                ? position
                : throw new WireConfigurationException("File",
                    $"'{file}' does not contain a valid read position of {_options.File}. Delete it to read the file from "
                    + "its beginning.");
        }

        _events.Report(AdapterEventKind.Started, $"Reading {_options.File} from byte {_position}.");
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        using IngressWriter writer = new(_routes, _context, _events);
        _isServing = true;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                if (!Look(writer))
                {
                    await Task.Delay(_options.PollMs, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, $"Reading {_options.File} has stopped.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            return _translator.Translate(message, destination, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Clear();
        return TranslateStatus.Of(EsfJson.WriteJson(message.Schema, message.Bytes, destination.Payload));
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_options.Out is not { } path)
        {
            return ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "no output file is configured"));
        }

        try
        {
            lock (_sending)
            {
                using FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
                file.Write([.. message.Payload.WrittenSpan, (byte)'\n']);
                Volatile.Write(ref _emitted, _emitted + 1);
            }

            return ValueTask.FromResult(EmitStatus.Ok);
        }
        catch (IOException e)
        {
            return ValueTask.FromResult(new EmitStatus(EmitCode.NotConnected, e.Message));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _translator.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads the complete lines that were appended since the last poll.</summary>
    /// <returns>Whether there may be more lines.</returns>
    private bool Look(IngressWriter writer)
    {
        try
        {
            using FileStream file = new(_options.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Seek(_position, SeekOrigin.Begin);
            int length = file.ReadAtLeast(_look, LookBytes, throwOnEndOfStream: false);
            int taken = Take(writer, _look.AsSpan(0, length));
            _trouble = taken == 0 && length == LookBytes
                ? $"A line of {_options.File} at byte {_position} is longer than {LookBytes} bytes, so the lines after it are not read. "
                    + "Divide it."
                : null;
            _position += taken;
            if (taken > 0)
            {
                Keep();
            }

            return taken > 0;
        }
        catch (IOException e)
        {
            _trouble = $"{_options.File} cannot be read; retrying: {e.Message}";
            return false;
        }
    }

    /// <returns>The number of processed bytes: all complete lines, or those before the first line that the adapter could not store
    /// yet.</returns>
    private int Take(IngressWriter writer, ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        try
        {
            for (int end; (end = bytes[taken..].IndexOf((byte)'\n')) >= 0; taken += end + 1)
            {
                IngressStatus status = Append(writer, bytes.Slice(taken, end));
                if (status == IngressStatus.Blocked)
                {
                    break;
                }

                Volatile.Write(ref _received, _received + 1);
                Volatile.Write(ref _bytes, _bytes + end);
                Volatile.Write(ref _rejected, _rejected + (status == IngressStatus.Stored ? 0 : 1));
            }
        }
        finally
        {
            writer.Release();
        }

        return taken;
    }

    private IngressStatus Append(IngressWriter writer, ReadOnlySpan<byte> line)
    {
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> value = line[(blank + 1)..];
        if (blank < 1 || !Utf8Parser.TryParse(value, out double number, out int length) || length != value.Length
            || !double.IsFinite(number))
        {
            // The topic "lines" has no mapping, so the line goes unchanged to the dead letters.
            return writer.Append(new WireMessage("lines"u8, line));
        }

        byte[] topic = [.. "lines/"u8, .. line[..blank]];
        byte[] json = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture,
                $$"""{"timestamp":{{_context.Clock.UtcNanos}},"metric_name":"{{Metric}}","value":{{number:R}}}"""));
        return writer.Append(new WireMessage(topic, json));
    }

    /// <summary>Stores the read position atomically.</summary>
    private void Keep()
    {
        if (PlaceFile is { } file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file + ".next", _position.ToString(CultureInfo.InvariantCulture));
            File.Move(file + ".next", file, overwrite: true);
        }
    }
}
