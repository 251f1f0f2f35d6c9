using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.TestProcess;
using Estream.Streams.Tests.Windows;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Streams.Tests.Joins;

/// <summary>
/// Random events out of order in two queues, and a join that ends, fails in the middle of an event, and finds its state as it was when its
/// last result was written, as after a crash. Which events are late depends on the read order. Each event is either late, once, or joined
/// with all matching events that are not late. Some pairs have no possible result: these pairs are skipped, and each is reported once.
/// </summary>
public sealed class JoinRestartTests
{
    private const int Within = 6;
    private const int Delay = 4;

    /// <summary>The kinds of steps.</summary>
    public enum Verb
    {
        Events,
        Reopen,
        Kill,
        Fail,
    }

    [Property(30, 400, StartSize = 3, EndSize = 20, LongEndSize = 60, Arbitrary = [typeof(Steps)])]
    public void Join_matches_the_model_across_restarts(RunStep[] steps)
    {
        using var run = new Run();
        foreach (RunStep step in steps)
        {
            run.Do(step.Verb, new Random(step.Seed));
        }

        run.Check();
    }

    private sealed class Run : IDisposable
    {
        private const string Told = "as it is told";

        private readonly TempDirectory _directory = new();
        private readonly EstreamQueue[] _sources;
        private readonly EstreamQueue _output;
        private readonly EstreamQueue[] _late;
        private readonly EstreamQueue _told;
        private readonly List<Beat>[] _beats = [[], []];
        private StateMap<long, Windowed<long, Joined<Beat, Beat>>>? _state;
        private EsfPipeline? _pipeline;
        private long _now = 1_000;
        private int _failIn = int.MaxValue;
        private bool _isKilled;

        public Run()
        {
            _sources = [Open("left"), Open("right")];
            _late = [Open("late-left"), Open("late-right")];
            _output = Open("output");
            _told = Open("told");
            Begin();
        }

        private string State => _directory.Combine("state");

        private string Killed => _directory.Combine("killed");

        public void Do(Verb verb, Random random)
        {
            switch (verb)
            {
                case Verb.Reopen:
                    End();
                    Begin();
                    break;
                case Verb.Kill:
                    Kill(random);
                    break;
                case Verb.Fail:
                    _failIn = random.Next(8);
                    Append(random);
                    RunToEnd();
                    break;
                default:
                    Append(random);
                    RunToEnd();
                    break;
            }
        }

        public void Check()
        {
            _failIn = int.MaxValue;
            _pipeline!.RunToEnd();
            List<Beat>[] late = [.. _late.Select(Beat.All)];
            List<Beat>[] joined = [.. _beats.Zip(late, (all, some) => Without(all, some))];
            long watermark = _beats.Min(beats => beats.Count == 0 ? long.MinValue / 2 : beats.Max(beat => beat.Time)) - Delay;
            ILookup<bool, Pair> expected = Pair.Expected(joined[0], joined[1], Within, watermark - Within - 1, beat => beat.Key)
                .ToLookup(pair => IsLeftOut(pair.Left, pair.Right));
            Assert.Equal(Pair.Order(expected[false]), Pair.Order(Pair.All(_output)));
            long leftOut = expected[true].Count();
            Assert.Equal((leftOut, leftOut), (_pipeline.LeftOut, _told.GetInfo().NextSequence));
            Assert.Equal(late.Sum(some => some.Count), _pipeline.Late);
            Assert.All(late.SelectMany(some => some),
                beat => Assert.True(beat.Time < watermark, $"{beat} is not late: the watermark is {watermark}."));
        }

        public void Dispose()
        {
            End();
            foreach (EstreamQueue queue in (EstreamQueue[])[_output, _told, .. _late, .. _sources])
            {
                queue.Dispose();
            }

            _directory.Dispose();
        }

        private static List<Beat> Without(List<Beat> all, List<Beat> late)
        {
            List<Beat> left = [.. all];
            Assert.All(late, beat => Assert.True(left.Remove(beat), $"{beat} is late twice, or never came."));
            return left;
        }

        // Restores a state that is older than the last results, as after a crash between writing results and committing the state.
        private void Kill(Random random)
        {
            Append(random);
            _isKilled = true;
            RunToEnd();
            _isKilled = false;
            End();
            if (Directory.Exists(Killed))
            {
                Directory.Delete(State, recursive: true);
                Directory.Move(Killed, State);
            }

            Begin();
        }

        private void RunToEnd()
        {
            try
            {
                _pipeline!.RunToEnd();
            }
            catch (InvalidOperationException told) when (told.Message == Told)
            {
                // The next run resumes from the committed state.
            }
        }

        private void Append(Random random)
        {
            for (int side = 0; side < 2; side++)
            {
                using QueueAppender appender = _sources[side].CreateAppender();
                var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
                for (int left = random.Next(0, 15); left > 0; left--)
                {
                    _now += random.Next(10) == 0 ? random.Next(20) : random.Next(2);
                    var beat = new Beat(random.Next(3), _now - random.Next(random.Next(5) == 0 ? 40 : 5), _beats[side].Count);
                    beat.AppendTo(typed);
                    _beats[side].Add(beat);
                }
            }
        }

        private void Begin()
        {
            _state = StateMap.Open<long, Windowed<long, Joined<Beat, Beat>>>(State);
            EsfStream<Beat>[] sides = [.. _sources.Select(queue => EsfStream.From<IoTTelemetry.View>(queue).Select(Beat.Of))];
            _pipeline = sides[0].Join(sides[1], TimeSpan.FromSeconds(Within), JoinTests.TimeOf, JoinTests.TimeOf,
                Watermark.BoundedOutOfOrderness(TimeSpan.FromSeconds(Delay)))
                .LateLeftTo<IoTTelemetry.Writer>(_late[0], 200, Copy).LateRightTo<IoTTelemetry.Writer>(_late[1], 200, Copy)
                .LeftOuter("j", _state, JoinTests.KeyOf, JoinTests.KeyOf)
                .AppendTo(
                    _output,
                    new WrittenMessage<JoinResult<Beat, Beat>, IoTTelemetry.Writer>(300, Write, space: null, mayLeaveOut: true),
                    new PublishedOutput(_told, new FailedResultDeadLetter("j", "left")));
        }

        private void End()
        {
            _pipeline?.Dispose();
            _state?.Dispose();
        }

        private void Write(scoped in JoinResult<Beat, Beat> result, ref IoTTelemetry.Writer writer)
        {
            Keep();
            if (_failIn == 0)
            {
                _failIn = int.MaxValue;
                throw new InvalidOperationException(Told);
            }

            _failIn -= _failIn == int.MaxValue ? 0 : 1;
            if (IsLeftOut(result.Left, result.HasRight ? result.Right : null))
            {
                writer = default;
                return;
            }

            Pair.Write(in result, ref writer);
        }

        private static bool IsLeftOut(Beat left, Beat? right) => (left.Value + (right?.Value ?? 0)) % 4 == 0;

        private void Copy(scoped in Beat beat, ref IoTTelemetry.Writer writer)
        {
            Keep();
            beat.Write(ref writer);
        }

        private void Keep()
        {
            if (_isKilled)
            {
                StateCopy.Make(State, Killed);
            }
        }

        private EstreamQueue Open(string name) => EstreamQueue.Open(_directory.Combine(name), new QueueOptions { SegmentBytes = 1 << 16 });
    }

    /// <summary>A step, and the seed of its random choices.</summary>
    public readonly record struct RunStep(Verb Verb, int Seed);

    /// <summary>Generates steps: mostly events, with restarts in between.</summary>
    public static class Steps
    {
        public static Arbitrary<RunStep> One()
        {
            Gen<Verb> verb = Gen.Frequency(
                (5, Gen.Constant(Verb.Events)),
                (1, Gen.Constant(Verb.Reopen)),
                (3, Gen.Constant(Verb.Kill)),
                (1, Gen.Constant(Verb.Fail)));
            return (from what in verb from seed in Gen.Choose(0, 1 << 30) select new RunStep(what, seed)).ToArbitrary();
        }
    }
}
