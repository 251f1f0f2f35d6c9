using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Streams.Operators;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>Runs messages through a plan. One thread.</summary>
/// <remarks>In a circuit with transactions, several stages share an observer and the next stage. Each stage has the index of its output,
/// and the number that the observer gives to the first element of its plan.</remarks>
internal sealed class CircuitStage : Stage<Record>
{
    private readonly Instruction[] _program;
    private readonly MessageObserver? _observer;
    private readonly Stage<Record> _next;
    private readonly int _output;
    private readonly int _firstElement;

    public CircuitStage(CircuitPlan plan, PipelineContext opening, Rejects rejects, Stage<Record> next, int output = 0,
        int firstElement = 0)
    {
        (_observer, _next, _output, _firstElement) = (rejects.Observer, next, output, firstElement);
        Rejects silent = _observer is null ? new CountedRejects() : new TracedRejects(new CountedRejects(), _observer);
        var functions = new BoundFunctions(opening);
        _program = [.. plan.Entries.Select(entry => new Instruction(entry, opening, functions, entry.ReportsRejects ? rejects : silent))];
    }

    public override void Push(scoped in Record item, scoped in QueueMessage message) => Go(0, item.Message, in message);

    // Iterates as long as there is one next instruction; recurses for several, in the order of the file.
    private void Go(int at, ReadOnlySpan<byte> bytes, scoped in QueueMessage origin)
    {
        while (at != CircuitPlan.Out)
        {
            _observer?.Visit(_firstElement + at);
            Instruction instruction = _program[at];
            if (instruction.Kind >= PlanKind.Project)
            {
                Make(instruction, bytes, in origin);
                return;
            }

            if (instruction.Kind != PlanKind.Pass && !instruction.Condition!.IsTrue(bytes, bytes))
            {
                if (instruction.Kind == PlanKind.Invariant)
                {
                    instruction.Rejects.Take(instruction.Reason!, in origin);
                }

                return;
            }

            if (instruction.Next.Length != 1)
            {
                RunNext(instruction, bytes, in origin);
                return;
            }

            at = instruction.Next[0];
        }

        _observer?.Visit(CircuitPlan.Out);
        var record = new Record(bytes, origin) { Output = _output };
        _next.Push(in record, in origin);
    }

    private void RunNext(Instruction instruction, ReadOnlySpan<byte> bytes, scoped in QueueMessage origin)
    {
        foreach (int next in instruction.Next)
        {
            Go(next, bytes, in origin);
        }
    }

    private void Make(Instruction instruction, ReadOnlySpan<byte> bytes, scoped in QueueMessage origin)
    {
        if (instruction.Kind == PlanKind.Call)
        {
            Call(instruction, bytes, in origin);
            return;
        }

        scoped ReadOnlySpan<byte> second = default;
        LatestEntry found = default;
        if (instruction.Kind == PlanKind.Lookup)
        {
            bool isThere = KeyText.TryGet(instruction.Condition!, bytes, out Utf8Key64 key) && instruction.Map!.TryGet(in key, out found)
                && found.IsInline;
            if (!isThere && !instruction.IsOptional)
            {
                return;
            }

            second = isThere ? found.Message : default;
        }

        try
        {
            if (instruction.Buffer!.TryMake(bytes, second, in origin, out ReadOnlySpan<byte> made))
            {
                RunNext(instruction, made, in origin);
            }
        }
        finally
        {
            instruction.Buffer!.Forget();
        }
    }

    private void Call(Instruction instruction, ReadOnlySpan<byte> bytes, scoped in QueueMessage origin)
    {
        BoundNode node = instruction.Called!;
        try
        {
            if (node.TryCall(bytes, in origin, out ReadOnlySpan<byte> made))
            {
                RunNext(instruction, made, in origin);
            }
        }
        finally
        {
            node.Forget();
        }
    }

    /// <summary>An instruction with the resources it needs.</summary>
    private sealed class Instruction
    {
        public Instruction(PlanEntry entry, PipelineContext opening, BoundFunctions functions, Rejects rejects)
        {
            (Kind, Condition, Reason, Rejects, Next) = (entry.Kind, entry.Condition, entry.Reason, rejects, entry.Next);
            if (entry.Kind == PlanKind.Call)
            {
                Called = new BoundNode(entry.Node!, functions.For(entry.Node!), opening, rejects);
            }
            else if (entry.Node?.Step is ProjectStep project)
            {
                Buffer = new ProjectionBuffer(project.Projection, opening, rejects);
            }
            else if (entry.Node?.Step is LookupStep lookup)
            {
                (Condition, IsOptional, Map) = (lookup.Key, lookup.IsOptional, opening.Resources.Map(lookup.Map));
                Buffer = new ProjectionBuffer(lookup.Projection, opening, rejects);
            }
        }

        public PlanKind Kind { get; }

        public EsfExpression? Condition { get; }

        public string? Reason { get; }

        /// <summary>Receives the messages that the instruction rejects.</summary>
        public Rejects Rejects { get; }

        public int[] Next { get; }

        public ProjectionBuffer? Buffer { get; }

        public BoundNode? Called { get; }

        public StateMap<Utf8Key64, LatestEntry>? Map { get; }

        public bool IsOptional { get; }
    }
}

/// <summary>The functions of bound nodes for one opened circuit. Code that serves several nodes is created once, so that its functions can
/// share state.</summary>
internal sealed class BoundFunctions(PipelineContext opening)
{
    private readonly Dictionary<CircuitCode, IReadOnlyDictionary<string, CircuitFunction>> _made = [];

    /// <summary>Returns the function of a node.</summary>
    /// <exception cref="InvalidOperationException">The code has no function for the node.</exception>
    public CircuitFunction For(CircuitNode node)
    {
        CircuitCode code = node.Code
            ?? throw new InvalidOperationException(
                $"The operation '{node.Id}' has no resources. Run its circuit in a {nameof(CircuitRuntime)}.");
        if (!_made.TryGetValue(code, out IReadOnlyDictionary<string, CircuitFunction>? functions))
        {
            _made.Add(code, functions = code(new CircuitInstance(opening.Resources, opening.Owned)));
        }

        return functions.TryGetValue(node.Id, out CircuitFunction? function)
            ? function
            : throw new InvalidOperationException(
                $"The code has no function for the node '{node.Id}'. Return a function for each id that was passed to "
                + $"{nameof(Circuit.Bind)}.");
    }
}
