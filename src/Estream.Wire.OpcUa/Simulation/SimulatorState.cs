using System.Globalization;

namespace Estream.Wire.OpcUa.Simulation;

/// <summary>The variables, sessions and subscriptions of a simulator, and the faults that tests ask for. Thread-safe under <see
/// cref="Gate"/>.</summary>
internal sealed class SimulatorState(string url)
{
    public const ushort NamespaceIndex = 1;
    public const string NamespaceUri = "urn:estream:simulator";
    private const int MaxSubscriptions = 1_000;

    public static readonly UaNodeId Folder = UaNodeId.OfText(NamespaceIndex, "Simulation");

    private readonly Dictionary<UaNodeId, SimulatedVariable> _variables = [];
    private readonly Dictionary<uint, SimulatedSubscription> _subscriptions = [];
    private readonly HashSet<uint> _sessions = [];
    private uint _lastId;

    public Lock Gate { get; } = new();

    public string Url => url;

    /// <summary>Faults for tests.</summary>
    public SimulatorFaults Faults { get; } = new();

    /// <summary>The number of sessions that clients have created.</summary>
    public int CreatedSessions { get; private set; }

    public int OpenSessions
    {
        get
        {
            lock (Gate)
            {
                return _sessions.Count;
            }
        }
    }

    public IReadOnlyList<SimulatedSubscription> Subscriptions
    {
        get
        {
            lock (Gate)
            {
                return [.. _subscriptions.Values];
            }
        }
    }

    public IReadOnlyList<SimulatedVariable> Variables
    {
        get
        {
            lock (Gate)
            {
                return [.. _variables.Values];
            }
        }
    }

    public SimulatedVariable Add(string name, UaVariant value, bool isWritable)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        SimulatedVariable variable = new(UaNodeId.OfText(NamespaceIndex, name), name, value, isWritable);
        lock (Gate)
        {
            _variables.Add(variable.Node, variable);
        }

        return variable;
    }

    public SimulatedVariable Find(string name) => TryFind(UaNodeId.OfText(NamespaceIndex, name))
        ?? throw new KeyNotFoundException($"There is no variable '{name}'.");

    public SimulatedVariable? TryFind(UaNodeId node)
    {
        lock (Gate)
        {
            return _variables.GetValueOrDefault(node);
        }
    }

    public uint CreateSession()
    {
        lock (Gate)
        {
            CreatedSessions++;
            _sessions.Add(++_lastId);
            return _lastId;
        }
    }

    public bool HasSession(uint session)
    {
        lock (Gate)
        {
            return _sessions.Contains(session);
        }
    }

    public void CloseSession(uint session, bool deletesSubscriptions)
    {
        lock (Gate)
        {
            _sessions.Remove(session);
            SimulatedSubscription[] ended = [.. _subscriptions.Values.Where(one => deletesSubscriptions && one.Session == session)];
            foreach (SimulatedSubscription one in ended)
            {
                DeleteSubscription(one.Id);
            }
        }
    }

    public SimulatedSubscription? CreateSubscription(uint session, int intervalMs, uint keepAliveCount)
    {
        lock (Gate)
        {
            if (_subscriptions.Count >= MaxSubscriptions)
            {
                return null;
            }

            SimulatedSubscription created = new(++_lastId, intervalMs, keepAliveCount) { Session = session };
            _subscriptions.Add(created.Id, created);
            return created;
        }
    }

    public SimulatedSubscription? Subscription(uint id)
    {
        lock (Gate)
        {
            return _subscriptions.GetValueOrDefault(id);
        }
    }

    public bool DeleteSubscription(uint id)
    {
        lock (Gate)
        {
            bool isThere = _subscriptions.Remove(id, out SimulatedSubscription? ended);
            ended?.End();
            return isThere;
        }
    }

    /// <summary>Forgets sessions, as after a restart.</summary>
    public void ForgetSessions(bool forgetsSubscriptions)
    {
        lock (Gate)
        {
            _sessions.Clear();
            foreach (uint id in forgetsSubscriptions ? _subscriptions.Keys.ToArray() : [])
            {
                DeleteSubscription(id);
            }
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{_sessions.Count} sessions, {_subscriptions.Count} subscriptions");
}

/// <summary>Faults of a simulator, for tests.</summary>
internal sealed class SimulatorFaults
{
    /// <summary>The answer to TransferSubscriptions, if not good.</summary>
    public UaStatus TransferStatus { get; set; }

    /// <summary>Whether the method ResendData exists.</summary>
    public bool HasResendData { get; set; } = true;

    /// <summary>Whether Publish requests stay without an answer while everything else works.</summary>
    public volatile bool IsSilent;

    /// <summary>Whether notification messages are created and kept, but not sent, as if the network had lost them.</summary>
    public volatile bool LosesMessages;

    /// <summary>The number of calls of ResendData.</summary>
    public int ResendCalls { get; set; }

    /// <summary>The number of Republish requests that were answered with a message.</summary>
    public int Republished { get; set; }
}
