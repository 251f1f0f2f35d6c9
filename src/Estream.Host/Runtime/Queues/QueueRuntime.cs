using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>An open queue with its watch, its view for the console, and the subscriptions of remote clients.</summary>
internal sealed class QueueRuntime : IDisposable
{
    private readonly HashSet<IQueueUser> _users = [];
    private bool _isEnding;

    public QueueRuntime(string name, EstreamQueue queue, MessageJson json, ReadGate host)
    {
        Name = name;
        Queue = queue;
        Gate = new ReadGate(host);
        Watch = new QueueWatch(queue);
        View = new QueueView(name, queue, Watch, json, Gate);
    }

    public string Name { get; }

    /// <summary>The partitioned queue to which the queue belongs; null for an ordinary queue.</summary>
    public string? PartitionOf { get; init; }

    public EstreamQueue Queue { get; }

    /// <summary>Closes when the queue closes. The console reads the queue inside this gate.</summary>
    public ReadGate Gate { get; }

    public QueueWatch Watch { get; }

    public QueueView View { get; }

    /// <summary>The present users.</summary>
    public IReadOnlyList<IQueueUser> Users
    {
        get
        {
            lock (_users)
            {
                return [.. _users];
            }
        }
    }

    /// <summary>Adds a user that <see cref="EndUsersAsync"/> ends. Returns false if the queue has no users any more. Thread-safe.</summary>
    public bool TryAdd(IQueueUser user)
    {
        lock (_users)
        {
            return !_isEnding && _users.Add(user);
        }
    }

    /// <summary>Forgets a user that has ended. Thread-safe.</summary>
    public void Remove(IQueueUser user)
    {
        lock (_users)
        {
            _users.Remove(user);
        }
    }

    /// <summary>Ends all users, and admits none from now on.</summary>
    public Task EndUsersAsync() =>
        EndAsync(isLast: true, user => user.EndAsync($"Queue '{Name}' was removed from the configuration of the host."));

    /// <summary>Ends the users that the new rights do not permit.</summary>
    public Task EndForbiddenAsync(QueueAccess access) => EndAsync(isLast: false, user => user.EndIfForbiddenAsync(access));

    public void Dispose()
    {
        Gate.Close();
        Watch.Dispose();
        Queue.Dispose();
    }

    private Task EndAsync(bool isLast, Func<IQueueUser, Task> end)
    {
        IQueueUser[] users;
        lock (_users)
        {
            _isEnding |= isLast;
            users = [.. _users];
        }

        // Not inside the lock: a user that ends calls Remove inside its own lock.
        return Task.WhenAll(users.Select(end));
    }
}

/// <summary>Reads a queue for a long time, such as the subscription of a client.</summary>
internal interface IQueueUser
{
    /// <summary>Ends the use, because the queue was removed. Completes when the queue is not used any more.</summary>
    Task EndAsync(string reason);

    /// <summary>Ends the use if it is not permitted any more. Completes when the queue is not used any more.</summary>
    /// <param name="access">The new rights.</param>
    Task EndIfForbiddenAsync(QueueAccess access);
}
