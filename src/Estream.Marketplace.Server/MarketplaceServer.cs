using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Server.Catalog;
using Estream.Marketplace.Server.Data;
using Estream.Marketplace.Server.Moderation;
using Estream.Marketplace.Server.Submission;

namespace Estream.Marketplace.Server;

/// <summary>A running marketplace: the operator of the registry's folder, the database, and the parts that use both. One process at a
/// time runs a registry. Thread-safe.</summary>
internal sealed class MarketplaceServer : IAsyncDisposable
{
    // The timestamp of a registry expires after a day.
    private static readonly TimeSpan s_renewal = TimeSpan.FromHours(1);

    private readonly MarketplaceDatabase _database;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CatalogProjection _projection;
    private Task _upkeep = Task.CompletedTask;

    private MarketplaceServer(MarketplaceServerOptions options, RegistryOperator registry, MarketplaceDatabase database, TimeProvider time)
    {
        (Options, Registry, _database) = (options, registry, database);
        Catalog = new CatalogStore(database);
        Store = new SubmissionStore(database, time);
        Keys = new IdempotencyKeys(database, time);
        _projection = new CatalogProjection(database, Catalog, registry);
        Submissions = new Submissions(registry, _projection, Store);
        Moderation = new ReleaseModeration(registry, Store, Submissions);
    }

    /// <summary>The settings.</summary>
    public MarketplaceServerOptions Options { get; }

    /// <summary>The operator of the registry.</summary>
    public RegistryOperator Registry { get; }

    /// <summary>The catalogue.</summary>
    public CatalogStore Catalog { get; }

    /// <summary>The submissions in the database.</summary>
    public SubmissionStore Store { get; }

    /// <summary>The answers to requests with an Idempotency-Key.</summary>
    public IdempotencyKeys Keys { get; }

    /// <summary>Submits releases.</summary>
    public Submissions Submissions { get; }

    /// <summary>Decides pending releases.</summary>
    public ReleaseModeration Moderation { get; }

    /// <summary>The folder of the files that clients read.</summary>
    public string PublicFolder => RegistryOperator.PublicFolder(Options.Registry);

    /// <summary>Opens the registry and the database, and brings the database up to date.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="clock">The clock of the registry.</param>
    /// <param name="time">The clock of the database.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">The registry or the database cannot be opened.</exception>
    public static async Task<MarketplaceServer> OpenAsync(MarketplaceServerOptions options, IClock clock, TimeProvider time,
        CancellationToken cancellation)
    {
        RegistryOperator registry = await RegistryOperator.OpenAsync(options.Registry, clock, cancellation,
            PublishSettings.Read(options.Registry)).ConfigureAwait(false);
        MarketplaceDatabase? database = null;
        try
        {
            database = MarketplaceDatabase.Open(options.Database, registry.Root.Registry);
            MarketplaceServer server = new(options, registry, database, time);
            server.Catalog.AddInitial();
            _ = await registry.RenewAsync(cancellation).ConfigureAwait(false);
            await server._projection.CatchUpAsync(cancellation).ConfigureAwait(false);
            await server.Moderation.CatchUpAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            database?.Dispose();
            registry.Dispose();
            throw;
        }
    }

    /// <summary>Starts to renew the registry and to decide pending releases again, each hour.</summary>
    /// <param name="report">Receives failures; the next attempt is an hour later.</param>
    public void Start(Action<Exception> report) => _upkeep = Task.Run(() => KeepUpAsync(report));

    /// <summary>Rebuilds the catalogue from the registry's folder; returns the number of items.</summary>
    public Task<int> ReindexAsync(CancellationToken cancellation) => _projection.RebuildAsync(cancellation);

    /// <summary>Writes a copy of the database while it is in use.</summary>
    public void BackUp(string path) => _database.BackUp(path);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _upkeep.ConfigureAwait(false);
        _database.Dispose();
        Registry.Dispose();
        _stopping.Dispose();
    }

    private async Task KeepUpAsync(Action<Exception> report)
    {
        using PeriodicTimer timer = new(s_renewal);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                try
                {
                    _ = await Registry.RenewAsync(_stopping.Token).ConfigureAwait(false);
                    await Submissions.DecideAgainAsync(_stopping.Token).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    report(failure);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
