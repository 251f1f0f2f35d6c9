using Estream.Core;
using Estream.Wire.Iso20022.Folders;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Takes messages of ISO 20022, in XML or JSON, from a folder: each file is checked whole and then read again into its queue, so that nothing of a wrong message is stored, however long it is, in the memory of a part of a statement. What is stored is
/// moved to <c>done</c>; what is wrong to <c>refused</c>, with its reason among the dead letters. After a kill a file that was not moved yet is taken again, whole: its messages are there twice, with the same <c>message_id</c> and <c>part</c>.
/// </summary>
public sealed class Iso20022Folder : IWireAdapter
{
    private readonly Iso20022FolderOptions _options;
    private readonly FolderWork _work;
    private readonly Iso20022Translator _translator;
    private readonly Lock _translating = new();
    private readonly CancellationTokenSource _closing = new();
    private volatile Task _looking = Task.CompletedTask;
    private int _isDisposed;
    private volatile bool _isServing;

    /// <summary>Prepares an adapter; nothing is opened yet.</summary>
    /// <param name="options">What it takes from where.</param>
    /// <param name="mappings">Which messages go where: their topics are <c>pacs.008</c>, <c>pacs.002</c>, <c>camt.052</c> and <c>camt.053</c>, their payloads JSON.</param>
    /// <param name="context">What the host gives.</param>
    /// <exception cref="WireConfigurationException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="Esf.EsfKeyException">An audience of private fields has no key.</exception>
    public Iso20022Folder(Iso20022FolderOptions options, IEnumerable<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (options.PollMs is < Iso20022FolderFactory.LeastPollMs or > Iso20022FolderFactory.MostPollMs)
        {
            throw new WireConfigurationException(nameof(options.PollMs), $"{options.PollMs} is not accepted; write a whole number from {Iso20022FolderFactory.LeastPollMs} to {Iso20022FolderFactory.MostPollMs}.");
        }

        _options = options;
        _work = new FolderWork(options, new IngressRoutes(mappings, context.Ingress), context);
        _translator = new Iso20022Translator(context.Schemas, options.Limits, options.Checks);
        Name = context.Name;
        Schemas = new AdapterSchemas([.. _work.Routes.Mappings.Select(mapping => mapping.Schema).Distinct()], []);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Iso20022FolderFactory.FolderDescriptor;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(0, _work.Stored + _work.Refused, _work.Refused, _work.Bytes);

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            EstreamStorageException? blocked = _work.Routes.Failure;
            return !_isServing ? HealthStatus.Unhealthy("The folder is not looked at.")
                : blocked is not null ? HealthStatus.Unhealthy($"A queue cannot be written, so no files are taken: {blocked.Message}")
                : _work.Failure is { } failure ? HealthStatus.Degraded(failure)
                : HealthStatus.Healthy($"Looking at {_options.Folder}, {_work.Stored} messages stored, {_work.Refused} refused.");
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
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WireConfigurationException("Folder", $"no folders can be made in {_options.Folder}, and files are moved there: {failure.Message}", failure);
        }

        _work.Events.Report(AdapterEventKind.Started, $"Looking at {_options.Folder}.");
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
                // Off this thread: files are read, and a queue that is full is waited for.
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
            // The host stops. A file that was not done is taken again.
        }
        finally
        {
            _isServing = false;
            _work.Events.Report(AdapterEventKind.Stopped, "The folder is not looked at any more.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            return _translator.ToEsf(message.Payload, destination, out _, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) => TranslateStatus.Unsupported("this adapter takes messages and sends none");

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) =>
        ValueTask.FromResult(new EmitStatus(EmitCode.Unsupported, "this adapter takes messages and sends none"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // A file that is being read ends at its next piece: its buffer must not be emptied under it, or it would be refused.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _work.Dispose();
        _closing.Dispose();
    }

    internal static string Missing(string folder) => $"there is no folder {folder}; make it, or name another one.";
}
