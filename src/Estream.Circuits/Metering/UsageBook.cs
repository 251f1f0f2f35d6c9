using System.Text;
using Estream.Circuits.Running;
using Estream.Core;

namespace Estream.Circuits.Metering;

/// <summary>Holds the usage of earlier runs by circuit and tenant, and writes it to a file, together with the current usage. Empty and
/// without a file if usage is not kept. Thread-safe.</summary>
internal sealed class UsageBook : IDisposable
{
    // Only a power cut, not a crash of the process, can lose usage that was written, so not every write is worth a flush.
    private const int WritesForOneFlush = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<UsageKey, CircuitUsage> _before = [];
    private readonly HashSet<string> _tenants = [];
    private readonly Action<string>? _failed;
    private UsageFile? _file;
    private string? _failure;
    private int _writes;

    /// <param name="options">The directory of the usage file, and the delegate to call when a flush fails.</param>
    /// <exception cref="EstreamException">Usage cannot be kept in the directory.</exception>
    public UsageBook(CircuitRuntimeOptions options)
    {
        _failed = options.UsageFailed;
        if (options.UsageDirectory is { } directory)
        {
            _file = UsageFile.Open(options.Storage, directory);
            _before = _file.Found;
            _tenants = [.. _before.Keys.Select(key => key.Tenant)];
            IsPersisted = true;
        }
    }

    /// <summary>Whether usage is kept.</summary>
    public bool IsPersisted { get; }

    /// <summary>Returns the usage of a circuit in earlier runs.</summary>
    public CircuitUsage Before(UsageKey key) => _before.GetValueOrDefault(key);

    /// <summary>Returns the combined usage of all circuits of a tenant in earlier runs, including circuits that no longer exist.</summary>
    public CircuitUsage BeforeOf(string tenant) =>
        _before.Where(one => one.Key.Tenant == tenant).Aggregate(default(CircuitUsage), (sum, one) => sum + one.Value);

    /// <summary>Checks that the usage of a tenant can be kept.</summary>
    /// <exception cref="ArgumentException">There are too many tenants, or the name is too long.</exception>
    public void Check(string tenant)
    {
        if (!IsPersisted)
        {
            return;
        }

        if (Encoding.UTF8.GetByteCount(tenant) > UsageRecord.MaxTenantBytes)
        {
            throw new ArgumentException(
                $"The name of the tenant '{tenant}' is longer than {UsageRecord.MaxTenantBytes} bytes, the maximum if usage is kept. "
                + "Use a shorter name.", nameof(tenant));
        }

        lock (_lock)
        {
            if (!_tenants.Contains(tenant) && _tenants.Count == UsageFile.MostRecords)
            {
                throw new ArgumentException(
                    $"The usage of the tenant '{tenant}' cannot be kept: '{UsageFile.FileName}' has {UsageFile.MostRecords} tenants, "
                    + "the maximum. Former tenants count too: note their usage and move the file away; usage then starts at 0.",
                    nameof(tenant));
            }
        }
    }

    /// <summary>Adds a tenant whose usage is kept from now on.</summary>
    /// <inheritdoc cref="Check" path="/exception"/>
    public void Admit(string tenant)
    {
        Check(tenant);
        lock (_lock)
        {
            _ = _tenants.Add(tenant);
        }
    }

    /// <summary>Writes the sum of earlier and current usage.</summary>
    /// <param name="used">The usage of this run. Entries with the same key are added up.</param>
    /// <param name="isLast">Whether to flush in any case.</param>
    public void Write(IReadOnlyCollection<KeyValuePair<UsageKey, CircuitUsage>> used, bool isLast = false)
    {
        string? told = null;
        lock (_lock)
        {
            if (_file is not { } file)
            {
                return;
            }

            file.Write(Together(used));
            _writes++;
            if (isLast || _writes % WritesForOneFlush == 0)
            {
                told = TryFlush(file);
            }
        }

        if (told is not null)
        {
            _ = OwnerCallbacks.Notify(() => _failed?.Invoke(told));
        }
    }

    /// <summary>Closes the file; later writes have no effect. Idempotent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    // Returns the failure if it differs from the previous one.
    private string? TryFlush(UsageFile file)
    {
        string? before = _failure;
        try
        {
            file.Flush();
            _failure = null;
        }
        catch (EstreamStorageException failure)
        {
            _failure = failure.Message;
        }

        return _failure == before ? null : _failure;
    }

    // If there are more circuits than records, circuits that no longer run are merged for each tenant first, then all circuits. The sum of
    // each tenant is preserved.
    private Dictionary<UsageKey, CircuitUsage> Together(IReadOnlyCollection<KeyValuePair<UsageKey, CircuitUsage>> used)
    {
        Dictionary<UsageKey, CircuitUsage> all = new(_before);
        foreach ((UsageKey key, CircuitUsage usage) in used)
        {
            all[key] = all.GetValueOrDefault(key) + usage;
        }

        if (all.Count > UsageFile.MostRecords)
        {
            HashSet<UsageKey> running = [.. used.Select(one => one.Key)];
            all = Fold(all, key => !running.Contains(key));
        }

        return all.Count > UsageFile.MostRecords ? Fold(all, _ => true) : all;
    }

    private static Dictionary<UsageKey, CircuitUsage> Fold(Dictionary<UsageKey, CircuitUsage> all, Func<UsageKey, bool> isFolded)
    {
        Dictionary<UsageKey, CircuitUsage> folded = [];
        foreach ((UsageKey key, CircuitUsage usage) in all)
        {
            UsageKey to = isFolded(key) ? key with { Circuit = UsageKey.Others } : key;
            folded[to] = folded.GetValueOrDefault(to) + usage;
        }

        return folded;
    }
}
