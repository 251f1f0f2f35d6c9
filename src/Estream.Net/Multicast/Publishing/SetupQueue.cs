namespace Estream.Net.Multicast.Internal;

/// <summary>A request for a setup.</summary>
/// <param name="Receiver">The sender id.</param>
/// <param name="Address">The address to which the setup is sent.</param>
/// <param name="Nonce">The number to return.</param>
internal readonly record struct SetupRequest(ulong Receiver, PacketAddress Address, long Nonce);

/// <summary>
/// The setups to send. A request proves nothing about its sender, so it takes no place in the table of receivers: while the queue is full,
/// a new request replaces the oldest one. Not thread-safe; never allocates after creation.
/// </summary>
internal sealed class SetupQueue
{
    private const int Capacity = 64;

    private readonly SetupRequest[] _requests = new SetupRequest[Capacity];
    private int _first;

    /// <summary>The number of requests.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest request.</summary>
    public ref readonly SetupRequest First => ref _requests[_first];

    /// <summary>Adds a request, unless the same one waits.</summary>
    public void Add(in SetupRequest request)
    {
        for (int index = 0; index < Count; index++)
        {
            if (_requests[(_first + index) % Capacity] == request)
            {
                return;
            }
        }

        if (Count == Capacity)
        {
            RemoveFirst();
        }

        _requests[(_first + Count++) % Capacity] = request;
    }

    public void RemoveFirst()
    {
        _first = (_first + 1) % Capacity;
        Count--;
    }
}
