using System.Globalization;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// Two streams whose events wait for each other. An event that is before the watermark on arrival is late: it is counted
/// (<see cref="EsfPipeline.Late"/>), not joined, and appended to the queue of <see cref="LateLeftTo"/> or <see cref="LateRightTo"/>, if
/// there is one. All other matching events are joined, each pair once, whichever event arrives first. Immutable.
/// </summary>
/// <typeparam name="TLeft">The left events.</typeparam>
/// <typeparam name="TRight">The right events.</typeparam>
/// <remarks>
/// The watermark is that of the slower side. There is no watermark before both sides have had an event: if one side is silent, the events
/// of the other side wait, up to the limit (<see cref="AtMost"/>). The slower side is read first, so that few events have to wait. The
/// order in which the sides were read is part of the state, so the same results are computed again after a crash.
/// </remarks>
public sealed class EsfJoin<TLeft, TRight>
    where TLeft : unmanaged
    where TRight : unmanaged
{
    private readonly EsfStream<TLeft> _left;
    private readonly EsfStream<TRight> _right;
    private readonly long _within;
    private readonly WindowPlan<TLeft> _leftPlan;
    private readonly WindowPlan<TRight> _rightPlan;

    internal EsfJoin(EsfStream<TLeft> left, EsfStream<TRight> right, long within, WindowPlan<TLeft> leftPlan, WindowPlan<TRight> rightPlan)
    {
        (_left, _right, _within, _leftPlan, _rightPlan) = (left, right, within, leftPlan, rightPlan);
    }

    /// <summary>Appends a message for each late left event to a queue, exactly once, like results.</summary>
    /// <inheritdoc cref="EsfWindows{T}.LateTo"/>
    public EsfJoin<TLeft, TRight> LateLeftTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<TLeft, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct =>
        new(_left, _right, _within, _leftPlan.WithLateTo(queue, maxLength, write), _rightPlan);

    /// <summary>Appends to a queue the messages that a message maker creates from late left events.</summary>
    internal EsfJoin<TLeft, TRight> LateLeftTo(EstreamQueue queue, MessageMaker<TLeft> maker) =>
        new(_left, _right, _within, _leftPlan.WithLateTo(queue, maker), _rightPlan);

    /// <summary>Appends a message for each late right event to a queue, exactly once, like results. Must not be the queue of the late left
    /// events.</summary>
    /// <inheritdoc cref="EsfWindows{T}.LateTo"/>
    public EsfJoin<TLeft, TRight> LateRightTo<TWriter>(EstreamQueue queue, int maxLength, EventWriter<TRight, TWriter> write)
        where TWriter : struct, IEsfWriter<TWriter>, allows ref struct =>
        new(_left, _right, _within, _leftPlan, _rightPlan.WithLateTo(queue, maxLength, write));

    /// <summary>Limits the number of waiting events, of both sides together; the default is one million. A run that would exceed the
    /// limit throws; no event is lost.</summary>
    /// <param name="limit">The maximum number of waiting events.</param>
    public EsfJoin<TLeft, TRight> AtMost(int limit) => new(_left, _right, _within, _leftPlan.WithLimit(limit), _rightPlan);

    /// <summary>Yields a result for each pair, when the second event of the pair arrives.</summary>
    /// <param name="name">The name of the pipeline, under which the left queue stores which messages it still needs; in the right queue
    /// ".right" is appended to it. Letters, digits, '-', '_' and '.'.</param>
    /// <param name="state">The map of waiting events, which only this pipeline may write.</param>
    /// <param name="leftKey">Returns the key of a left event.</param>
    /// <param name="rightKey">Returns the key of a right event.</param>
    /// <typeparam name="TKey">The type of the keys; must have no padding bytes.</typeparam>
    public EsfResults<JoinResult<TLeft, TRight>> Inner<TKey>(
        string name, StateMap<long, Windowed<TKey, Joined<TLeft, TRight>>> state, EventSelector<TLeft, TKey> leftKey,
        EventSelector<TRight, TKey> rightKey)
        where TKey : unmanaged => Begin(name, state, leftKey, rightKey, isOuter: false);

    /// <summary>Yields a result for each pair, and one for each unmatched left event once the watermark has passed its last possible
    /// match.</summary>
    /// <inheritdoc cref="Inner"/>
    public EsfResults<JoinResult<TLeft, TRight>> LeftOuter<TKey>(
        string name, StateMap<long, Windowed<TKey, Joined<TLeft, TRight>>> state, EventSelector<TLeft, TKey> leftKey,
        EventSelector<TRight, TKey> rightKey)
        where TKey : unmanaged => Begin(name, state, leftKey, rightKey, isOuter: true);

    private EsfResults<JoinResult<TLeft, TRight>> Begin<TKey>(
        string name, StateMap<long, Windowed<TKey, Joined<TLeft, TRight>>> state, EventSelector<TLeft, TKey> leftKey,
        EventSelector<TRight, TKey> rightKey, bool isOuter)
        where TKey : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(leftKey);
        ArgumentNullException.ThrowIfNull(rightKey);
        return new EsfResults<JoinResult<TLeft, TRight>>(name, output =>
        {
            KeyedSettings settings =
                _leftPlan.Settings(string.Create(CultureInfo.InvariantCulture, $"{name} join {_within} {isOuter}"), changed: 1);
            var core = new JoinCore<TKey, TLeft, TRight>(settings, state, output, _within, isOuter);
            try
            {
                Output<TLeft>? lateLeft = Late(core, _leftPlan, ProgressKey.LateWritten);
                Output<TRight>? lateRight = Late(core, _rightPlan, ProgressKey.RightLateWritten);
                Source left = _left.Connect(
                    new JoinStage<TLeft, TKey, TLeft, TRight>(core, _leftPlan, leftKey, new LeftSide<TLeft, TRight>(lateLeft)));
                Source right = _right.Connect(
                    new JoinStage<TRight, TKey, TLeft, TRight>(core, _rightPlan, rightKey, new RightSide<TLeft, TRight>(lateRight)));
                return new EsfPipeline(name,
                    new JoinRun(core, new JoinedStream(_left.Queue, name, left), new JoinedStream(_right.Queue, $"{name}.right", right)));
            }
            catch
            {
                core.Dispose();
                throw;
            }
        });
    }

    private static Output<T>? Late<T, TKey>(JoinCore<TKey, TLeft, TRight> core, WindowPlan<T> plan, ProgressKey made)
        where TKey : unmanaged
    {
        Output<T>? late = plan.Late?.Invoke();
        if (late is not null)
        {
            core.AddOutput(late, made);
        }

        return late;
    }
}

/// <summary>A pair of joined events, or a left event without a match.</summary>
/// <typeparam name="TLeft">The left events.</typeparam>
/// <typeparam name="TRight">The right events.</typeparam>
/// <param name="Left">The left event.</param>
/// <param name="Right">The right event, or the default value.</param>
/// <param name="HasRight">True if there is a right event; always true in an inner join.</param>
public readonly record struct JoinResult<TLeft, TRight>(TLeft Left, TRight Right, bool HasRight)
    where TLeft : unmanaged
    where TRight : unmanaged;

/// <summary>An event of one side of a join that waits for events of the other side.</summary>
/// <typeparam name="TLeft">The left events.</typeparam>
/// <typeparam name="TRight">The right events.</typeparam>
public record struct Joined<TLeft, TRight>
    where TLeft : unmanaged
    where TRight : unmanaged
{
    internal long Side;
    internal TLeft FromLeft;
    internal TRight FromRight;

    /// <summary>True for an event of the right side.</summary>
    public readonly bool IsRight => Side != 0;

    /// <summary>The left event, or the default value.</summary>
    public readonly TLeft Left => FromLeft;

    /// <summary>The right event, or the default value.</summary>
    public readonly TRight Right => FromRight;
}
