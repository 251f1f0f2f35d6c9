using Estream.Core;
using Estream.Wire.Iso20022.Folders;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Reads ISO 20022 messages, as XML or JSON, from a folder into queues, and writes outgoing messages as XML files into another folder. Each
/// incoming file is validated completely and then read a second time into its queue, so nothing of an invalid message is stored. Memory is
/// bounded by one part of a statement, however long the file is. Stored files are moved to <c>done</c>; rejected files are moved to
/// <c>refused</c>, with the reason in a dead letter. After a crash, a file that was not moved yet is processed again, without the messages
/// that are stored already. An outgoing message is validated like an incoming one and becomes one file, which appears complete
/// and, even after a crash, only once. The parts of a statement become one file when the last part has arrived.
/// </summary>
public sealed class Iso20022Folder : IAdapterTables
{
    private const string NoEgress = "the adapter sends nothing: its settings have no Egress";

    private readonly Iso20022FolderOptions _options;
    private readonly FolderWork _work;
    private readonly FolderEgress? _egress;
    private readonly Iso20022Translator _translator;
    private readonly RawPayload _raw;
    private readonly Lock _translating = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile Task _looking = Task.CompletedTask;
    private int _isDisposed;
    private volatile bool _isServing;
    private volatile bool _isStarted;

    /// <summary>Creates an adapter. Nothing is opened yet.</summary>
    /// <param name="options">The folders, limits and checks.</param>
    /// <param name="mappings">The queues of messages. Topics are <c>pacs.008</c>, <c>pacs.002</c>, <c>camt.052</c> and <c>camt.053</c> with
    /// JSON payloads; or the single topic <c>document</c> with a raw payload, which stores files unchanged for a circuit to read.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="Esf.EsfKeyException">An audience of private fields has no key.</exception>
    public Iso20022Folder(Iso20022FolderOptions options, IEnumerable<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (options.PollMs is < Iso20022FolderFactory.LeastPollMs or > Iso20022FolderFactory.MostPollMs)
        {
            throw new WireConfigurationException(nameof(options.PollMs),
                $"{options.PollMs} is not accepted; write a whole number from {Iso20022FolderFactory.LeastPollMs} to "
                + $"{Iso20022FolderFactory.MostPollMs}.");
        }

        CheckOut(options);
        _options = options;
        _work = new FolderWork(options, new IngressRoutes(mappings, context.Ingress), context);
        _translator = new Iso20022Translator(context.Schemas, options.Limits, options.Checks);
        _raw = new RawPayload(context.Clock);
        Name = context.Name;
        Schemas = new AdapterSchemas([.. _work.Routes.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => egress.Schema)]);
        _egress = options.Egress.Count > 0 ? new FolderEgress(options, context, _work.Events) : null;
        Tables = FolderTables.Of(options.Folder, _work);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Iso20022FolderFactory.FolderDescriptor;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <summary>The tables <c>folders</c> and <c>refusals</c>: the last 100 refused files, the newest first.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, _work.Stored + _work.Refused, _work.Refused, _work.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            EstreamStorageException? blocked = _work.Routes.Failure;
            return !_isServing ? HealthStatus.Unhealthy("The folder is not being polled.")
                : blocked is not null ? HealthStatus.Unhealthy($"A queue cannot be written, so no files are processed: {blocked.Message}")
                : _work.Failure is { } failure ? HealthStatus.Degraded(failure)
                : HealthStatus.Healthy($"Polling {_options.Folder}: {_work.Stored} messages stored, {_work.Refused} files refused.");
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(_options.Folder))
        {
            throw new WireConfigurationException("Folder", Missing(_options.Folder));
        }

        try
        {
            _work.Prepare();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new WireConfigurationException("Folder", $"cannot be used safely: {failure.Message}", failure);
        }

        PrepareOut();
        _isStarted = true;
        _work.Events.Report(AdapterEventKind.Started,
            $"Polling {_options.Folder}{(_egress is null ? "" : $", writing to {_options.Out}")}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        CancellationToken end = ending.Token;
        _isServing = true;
        using AdapterMetrics metrics = FolderMetrics.Of(Name, _work);
        try
        {
            while (!end.IsCancellationRequested)
            {
                // Look runs on a pool thread, because it reads files and waits for full queues.
                Task<int> looking = Task.Run(() => _work.Look(end), CancellationToken.None);
                _looking = looking;
                if (await looking.ConfigureAwait(false) == 0)
                {
                    await Task.Delay(_options.PollMs, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The host is stopping. An unfinished file is processed again after the restart.
        }
        finally
        {
            _isServing = false;
            _work.Events.Report(AdapterEventKind.Stopped, "The folder is no longer polled.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            if (_work.Documents is not { } documents)
            {
                return _translator.ToEsf(message.Payload, destination, out _, out length);
            }

            TranslateStatus status = documents.Translate(message, [], _raw, destination, out length);
            _raw.Trim();
            return status;
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _egress?.Translate(message, destination) ?? TranslateStatus.Unsupported(NoEgress);
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_egress is not { } egress)
        {
            return ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, NoEgress));
        }

        // Emit runs on a pool thread, because it flushes files to the device and joins long statements.
        return !_isStarted ? ValueTask.FromResult(new EmitStatus(EmitCode.NotConnected, "the adapter is not started"))
            : new ValueTask<EmitStatus>(Task.Run(() => EmitUntilClosed(egress, message, cancellation), CancellationToken.None));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // Reading a file stops at its next piece. If the buffer were cleared earlier, the file would appear invalid and be refused.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _work.Dispose();
        _egress?.Dispose();
        _raw.Dispose();
        _closing.Dispose();
    }

    /// <summary>Validates the options for outgoing messages.</summary>
    /// <exception cref="WireConfigurationException">One of Out and Egress is missing, or a value is invalid.</exception>
    internal static void CheckOut(Iso20022FolderOptions options)
    {
        bool sends = options.Egress.Count > 0;
        if (sends != options.Out is not null)
        {
            throw sends
                ? new WireConfigurationException("Out",
                    "is required and not set: name the folder for the messages of Egress.")
                : new WireConfigurationException("Out",
                    "is set without Egress. Add the messages to send under Egress, or remove Out.");
        }

        if (!sends)
        {
            return;
        }

        if (IncomingFolder.FoldersIn(options.Folder).Any(taken => IsSame(taken, options.Out!)))
        {
            throw new WireConfigurationException("Out", $"is {options.Out}, a folder for incoming messages. Name another folder.");
        }

        if (options.Egress.FirstOrDefault(egress => !MappedMessages.IsOne(egress.Schema)) is { } other)
        {
            throw new WireConfigurationException("Egress",
                $"'{other.Schema.QualifiedName}' cannot be sent; write one of: {string.Join(", ", MappedMessages.SchemaNames)}.");
        }

        if (options.Egress.DistinctBy(egress => egress.Schema.QualifiedName).Count() < options.Egress.Count)
        {
            throw new WireConfigurationException("Egress", "names a schema twice. Remove one of the two.");
        }
    }

    internal static string Missing(string folder) => $"the folder {folder} does not exist. Create it, or name another folder.";

    private EmitStatus EmitUntilClosed(FolderEgress egress, EgressMessage message, CancellationToken cancellation)
    {
        try
        {
            using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
            return egress.Emit(message, ending.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancellation.IsCancellationRequested)
        {
            return new EmitStatus(EmitCode.NotConnected, "the adapter is closed");
        }
    }

    private static bool IsSame(string one, string other) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(one)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(other));

    private void PrepareOut()
    {
        if (_egress is null)
        {
            return;
        }

        if (!Directory.Exists(_options.Out))
        {
            throw new WireConfigurationException("Out", Missing(_options.Out!));
        }

        try
        {
            // Detects a folder that is reachable under two names.
            if (_work.Contains(_options.Out))
            {
                throw new WireConfigurationException("Out", $"is {_options.Out}, a folder for incoming messages. Name another folder.");
            }

            _egress.Prepare();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new WireConfigurationException("Out", $"files cannot be written to {_options.Out}: {failure.Message}", failure);
        }
    }
}
