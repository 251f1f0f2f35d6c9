namespace Estream.Scenarios.Capacity;

/// <summary>
/// Simulates a <see cref="CapacityModel"/> event by event. A step of a stream runs on one thread, so its entries wait for each other. The
/// threads of a machine share its processors in the order in which they become ready; a link sends one entry after another. Deterministic.
/// </summary>
internal sealed class ClusterSimulation
{
    private const double WarmUpShare = 0.2;

    private readonly CapacityModel _model;
    private readonly double _seconds;
    private readonly PriorityQueue<Action, (double Time, long Order)> _events = new();
    private readonly Machine[] _machines;
    private readonly List<Step> _steps = [];
    private readonly List<double> _waits = [];
    private readonly int _entryMessages;
    private readonly double _share;
    private double _now;
    private long _order;
    private long _confirmed;

    private ClusterSimulation(CapacityModel model, double seconds)
    {
        (_model, _seconds) = (model, seconds);
        _share = model.ProcessorShare * (model.IsOneMachine ? model.BusyShare : 1);
        int machines = model.IsOneMachine ? 1 : model.Hosts + model.Brokers + (model.Hosts * model.Followers);
        _machines = [.. Enumerable.Range(0, machines).Select(_ => new Machine(model.Processors))];
        int full = Math.Max(1, model.EntryBytes / model.FrameBytes);
        _entryMessages = model.MessagesPerSecond == 0
            ? full
            : (int)Math.Clamp(Math.Round(model.MessagesPerSecond * model.Linger), 1, full);
    }

    private double EntryBytes => (double)_entryMessages * _model.FrameBytes;

    /// <summary>Simulates a number of seconds. The first fifth is not counted.</summary>
    public static CapacityResult Run(CapacityModel model, double seconds)
    {
        ClusterSimulation simulation = new(model, seconds);
        for (int host = 0; host < model.Hosts; host++)
        {
            simulation.Start(host);
        }

        simulation.RunEvents();
        return simulation.Result();
    }

    private void Start(int host)
    {
        Machine own = HostMachine(host);
        int leader = host % _model.Brokers;
        Step append = NewStep(own, _model.Append);
        Step publish = NewStep(own, _model.Publish + _model.Together);
        Step confirm = NewStep(own, _model.Confirm);
        Step lead = NewStep(BrokerMachine(leader), _model.Lead);
        Step[] others = [.. Enumerable.Range(1, _model.Factor - 1)
            .Select(i => NewStep(BrokerMachine((leader + i) % _model.Brokers), _model.Replicate))];
        Step deliver = NewStep(BrokerMachine(leader), _model.Deliver);
        Step[] followers = [.. Enumerable.Range(0, _model.Followers).Select(i => NewStep(FollowerMachine(host, i), _model.Follow))];
        Stream stream = new(append, publish, lead, others, confirm, deliver, followers);
        if (_model.MessagesPerSecond > 0)
        {
            // Hosts begin at different times.
            double period = _entryMessages / _model.MessagesPerSecond;
            At(period * host / _model.Hosts, () => Tick(stream, period));
            return;
        }

        for (int i = 0; i < Math.Max(1, _model.InFlightBytes / (int)EntryBytes); i++)
        {
            Publish(stream);
        }
    }

    private void Tick(Stream stream, double period)
    {
        Publish(stream);
        At(_now + period, () => Tick(stream, period));
    }

    private void Publish(Stream stream)
    {
        double begun = _now;
        int majority = (_model.Factor / 2) + 1;
        Add(stream.Append, () => Add(stream.Publish, () => Send(stream.Publish, stream.Lead, () =>
        {
            int stored = 1;
            if (stored == majority)
            {
                Commit(stream, begun);
            }

            foreach (Step other in stream.Others)
            {
                Send(stream.Lead, other, () =>
                {
                    if (++stored == majority)
                    {
                        Commit(stream, begun);
                    }
                });
            }
        })));
    }

    private void Commit(Stream stream, double begun)
    {
        Confirm(stream, begun);
        foreach (Step follower in stream.Followers)
        {
            Add(stream.Deliver, () => Send(stream.Deliver, follower, () => { }));
        }
    }

    private void Confirm(Stream stream, double begun) => Send(stream.Lead, stream.Confirm, () =>
    {
        if (_now >= _seconds * WarmUpShare)
        {
            _confirmed += _entryMessages;
            _waits.Add(_now - begun);
        }

        if (_model.MessagesPerSecond == 0)
        {
            Publish(stream);
        }
    });

    /// <summary>Moves an entry over the link of a machine, if the next step is on another one, and then runs the step.</summary>
    private void Send(Step from, Step to, Action done)
    {
        if (ReferenceEquals(from.Machine, to.Machine))
        {
            Add(to, done);
            return;
        }

        double time = EntryBytes / _model.LinkBytesPerSecond;
        from.Machine.LinkFreeAt = Math.Max(_now, from.Machine.LinkFreeAt) + time;
        from.Machine.LinkBusy += time;
        At(from.Machine.LinkFreeAt, () => Add(to, done));
    }

    private void Add(Step step, Action done)
    {
        step.Waiting.Enqueue(done);
        if (!step.IsScheduled)
        {
            step.IsScheduled = true;
            step.Machine.Ready.Enqueue(step);
            Schedule(step.Machine);
        }
    }

    private void Schedule(Machine machine)
    {
        while (machine.Free > 0 && machine.Ready.TryDequeue(out Step? step))
        {
            machine.Free--;
            Action done = step.Waiting.Dequeue();
            double time = step.Cost.Seconds(EntryBytes, _entryMessages) / _share;
            machine.Busy += time;
            step.Busy += time;
            At(_now + time, () => Finish(step, done));
        }
    }

    private void Finish(Step step, Action done)
    {
        step.Machine.Free++;
        step.IsScheduled = step.Waiting.Count > 0;
        if (step.IsScheduled)
        {
            step.Machine.Ready.Enqueue(step);
        }

        done();
        Schedule(step.Machine);
    }

    private void At(double time, Action action) => _events.Enqueue(action, (time, _order++));

    private void RunEvents()
    {
        while (_events.TryDequeue(out Action? action, out (double Time, long Order) key) && key.Time <= _seconds)
        {
            _now = key.Time;
            action();
        }
    }

    private CapacityResult Result()
    {
        _waits.Sort();
        Machine[] hosts = [.. Enumerable.Range(0, _model.Hosts).Select(HostMachine)];
        Machine[] brokers = [.. Enumerable.Range(0, _model.Brokers).Select(BrokerMachine)];
        return new CapacityResult(
            _confirmed / (_seconds * (1 - WarmUpShare)),
            At(0.5),
            At(0.99),
            hosts.Max(ProcessorShare),
            brokers.Max(ProcessorShare),
            _machines.Max(machine => Math.Min(1, machine.LinkBusy / _seconds)),
            _steps.Max(step => Math.Min(1, step.Busy / _seconds)));
    }

    private double At(double share) => _waits.Count == 0 ? double.NaN : _waits[(int)(share * (_waits.Count - 1))];

    private double ProcessorShare(Machine machine) => Math.Min(1, machine.Busy / (_seconds * _model.Processors));

    private Machine HostMachine(int host) => _machines[_model.IsOneMachine ? 0 : host];

    private Machine BrokerMachine(int broker) => _machines[_model.IsOneMachine ? 0 : _model.Hosts + broker];

    private Machine FollowerMachine(int host, int follower) =>
        _machines[_model.IsOneMachine ? 0 : _model.Hosts + _model.Brokers + (host * _model.Followers) + follower];

    private Step NewStep(Machine machine, StepCost cost)
    {
        Step step = new(machine, cost);
        _steps.Add(step);
        return step;
    }

    private sealed record Stream(
        Step Append, Step Publish, Step Lead, Step[] Others, Step Confirm, Step Deliver, Step[] Followers);

    private sealed class Machine(int processors)
    {
        public int Free { get; set; } = processors;

        public Queue<Step> Ready { get; } = new();

        public double Busy { get; set; }

        public double LinkBusy { get; set; }

        public double LinkFreeAt { get; set; }
    }

    private sealed class Step(Machine machine, StepCost cost)
    {
        public Machine Machine { get; } = machine;

        public StepCost Cost { get; } = cost;

        public Queue<Action> Waiting { get; } = new();

        public bool IsScheduled { get; set; }

        public double Busy { get; set; }
    }
}
