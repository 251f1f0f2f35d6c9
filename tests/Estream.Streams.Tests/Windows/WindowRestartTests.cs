using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.TestProcess;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Streams.Tests.Windows;

/// <summary>
/// Random events out of order, and pipelines that end, fail in the middle of an event, and find an older state, as after a crash: the
/// results of the pipelines match the results of a model. Results that cannot be written are skipped, and each is reported once. A failure
/// prints the steps, shrunk to a minimum.
/// </summary>
public sealed class WindowRestartTests
{
    private const int Keys = 4;

    public enum Verb
    {
        Events,
        Reopen,
        Save,
        GoBack,
        Fail,
    }

    [Property(25, 400, StartSize = 3, EndSize = 25, LongEndSize = 60, Arbitrary = [typeof(Cases)])]
    public void Tumbling_windows_match_the_model_across_restarts(RestartCase one) => Check(one, "tumbling");

    [Property(25, 400, StartSize = 3, EndSize = 25, LongEndSize = 60, Arbitrary = [typeof(Cases)])]
    public void Sliding_windows_match_the_model_across_restarts(RestartCase one) => Check(one, "sliding");

    [Property(25, 400, StartSize = 3, EndSize = 25, LongEndSize = 60, Arbitrary = [typeof(Cases)])]
    public void Sessions_match_the_model_across_restarts(RestartCase one) => Check(one, "session");

    [Property(25, 400, StartSize = 3, EndSize = 25, LongEndSize = 60, Arbitrary = [typeof(Cases)])]
    public void Windows_over_several_sources_match_the_model_across_restarts(RestartCase one) =>
        Check(one, "sources");

    private static void Check(RestartCase one, string shape)
    {
        using var run = new Run(shape, one.Lateness);
        foreach (RunStep step in one.Steps)
        {
            run.Do(step.Verb, new Random(step.Seed));
        }

        run.Check();
    }

    private sealed class Run : IDisposable
    {
        private const string Told = "as it is told";

        private readonly TempDirectory _directory = new();
        private readonly EstreamQueue _readings;
        private readonly EstreamQueue _output;
        private readonly EstreamQueue _late;
        private readonly EstreamQueue _told;
        private readonly List<Beat> _beats = [];
        private readonly string _shape;
        private readonly int _lateness;
        private StateMap<long, Windowed<long, Tally>>? _state;
        private EsfPipeline? _pipeline;
        private long _now = 1_000;
        private int _failIn = int.MaxValue;

        public Run(string shape, int lateness)
        {
            (_shape, _lateness) = (shape, lateness);
            _readings = Open("readings");
            _output = Open("output");
            _late = Open("late");
            _told = Open("told");
            Begin();
        }

        private string State => _directory.Combine("state");

        private string Saved => _directory.Combine("saved");

        public void Do(Verb verb, Random random)
        {
            switch (verb)
            {
                case Verb.Reopen:
                    End();
                    Begin();
                    break;
                case Verb.Save:
                    End();
                    StateCopy.Make(State, Saved);
                    Begin();
                    break;
                case Verb.GoBack:
                    GoBack();
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
            WindowModel model = Model().TakeAll(_beats);
            Assert.Equal(Order(model.Results.Where(result => !IsLeftOut(result.Tally))), Order(Tallied.All(_output)));
            long leftOut = model.Results.Count(result => IsLeftOut(result.Tally));
            Assert.Equal((leftOut, leftOut), (_pipeline.LeftOut, _told.GetInfo().NextSequence));
            Assert.Equal(model.Late, Beat.All(_late));
            Assert.Equal(model.Late.Count, _pipeline.Late);
            Assert.Equal(_beats.Count == 0 ? long.MinValue : model.Watermark * Beat.Second, _pipeline.Watermark);
        }

        public void Dispose()
        {
            End();
            _told.Dispose();
            _late.Dispose();
            _output.Dispose();
            _readings.Dispose();
            _directory.Dispose();
        }

        private static IEnumerable<Tallied> Order(IEnumerable<Tallied> results) =>
            results.OrderBy(result => (result.Key, result.Start, result.End, result.Revision, result.Tally.Count, result.Tally.Sum));

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

        // Restores a state that is older than the results, possibly by many events, as after a crash between writing results and committing
        // the state.
        private void GoBack()
        {
            if (Directory.Exists(Saved))
            {
                End();
                Directory.Delete(State, recursive: true);
                StateCopy.Make(Saved, State);
                Begin();
            }
        }

        private void Append(Random random)
        {
            using QueueAppender appender = _readings.CreateAppender();
            var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int left = random.Next(1, 20); left > 0; left--)
            {
                _now += random.Next(6) == 0 ? random.Next(40) : random.Next(3);
                var beat = new Beat(random.Next(Keys), _now - random.Next(random.Next(5) == 0 ? 60 : 6), random.Next(100), random.Next(3));
                beat.AppendTo(typed);
                _beats.Add(beat);
            }
        }

        private void Begin()
        {
            _state = StateMap.Open<long, Windowed<long, Tally>>(State);
            EsfStream<IoTTelemetry.View> readings = EsfStream.From<IoTTelemetry.View>(_readings);
            Watermark watermark = Watermark.BoundedOutOfOrderness(TimeSpan.FromSeconds(4));
            if (_shape == "session")
            {
                _pipeline = Append(readings.Window(Streams.Windows.Session(TimeSpan.FromSeconds(9)), Beat.TimeOf, watermark)
                    .AllowedLateness(TimeSpan.FromSeconds(_lateness)).LateTo<IoTTelemetry.Writer>(_late, 200, Copy)
                    .Aggregate("w", _state, Beat.KeyOf, Tally.Add, Tally.Merge));
                return;
            }

            TimeWindows windows = _shape == "sliding"
                ? Streams.Windows.Sliding(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(6))
                : Streams.Windows.Tumbling(TimeSpan.FromSeconds(10));
            EsfWindows<IoTTelemetry.View> windowed = readings.Window(windows, Beat.TimeOf, watermark)
                .AllowedLateness(TimeSpan.FromSeconds(_lateness)).LateTo<IoTTelemetry.Writer>(_late, 200, Copy);
            _pipeline = Append(
                (_shape == "sources" ? windowed.PerSource(Beat.SourceOf, TimeSpan.FromSeconds(30)) : windowed).Aggregate("w", _state,
                    Beat.KeyOf, Tally.Add));
        }

        // Appends results like a declared pipeline, which reports skipped results.
        private EsfPipeline Append(EsfResults<WindowResult<long, Tally>> results) => results.AppendTo(
            _output,
            new WrittenMessage<WindowResult<long, Tally>, IoTTelemetry.Writer>(300, Write, space: null, mayLeaveOut: true),
            new PublishedOutput(_told, new FailedResultDeadLetter("w", "readings")));

        private WindowModel Model() => _shape switch
        {
            "session" => WindowModel.Session(9, 4, _lateness),
            "sliding" => WindowModel.Sliding(20, 6, 4, _lateness),
            "sources" => WindowModel.Sliding(10, 10, 4, _lateness, idleAfter: 30),
            _ => WindowModel.Sliding(10, 10, 4, _lateness),
        };

        private void End()
        {
            _pipeline?.Dispose();
            _state?.Dispose();
        }

        private void Write(scoped in WindowResult<long, Tally> result, ref IoTTelemetry.Writer writer)
        {
            if (_failIn == 0)
            {
                _failIn = int.MaxValue;
                throw new InvalidOperationException(Told);
            }

            _failIn -= _failIn == int.MaxValue ? 0 : 1;
            if (IsLeftOut(result.State))
            {
                writer = default;
                return;
            }

            Tallied.Write(in result, ref writer);
        }

        private static bool IsLeftOut(Tally tally) => tally.Sum % 4 == 0;

        private static void Copy(scoped in IoTTelemetry.View reading, ref IoTTelemetry.Writer writer) =>
            Beat.Of(in reading).Write(ref writer);

        private EstreamQueue Open(string name) => EstreamQueue.Open(_directory.Combine(name), new QueueOptions { SegmentBytes = 1 << 16 });
    }

    public readonly record struct RunStep(Verb Verb, int Seed);

    public sealed record RestartCase(int Lateness, RunStep[] Steps)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Lateness} late: {string.Join(' ', Steps)}";
    }

    /// <summary>Generates steps: mostly events, with restarts in between.</summary>
    public static class Cases
    {
        /// <summary>Generates a case; a failing case is shrunk by removing steps.</summary>
        public static Arbitrary<RestartCase> All()
        {
            Gen<Verb> verb = Gen.Frequency(
                (6, Gen.Constant(Verb.Events)),
                (1, Gen.Constant(Verb.Reopen)),
                (1, Gen.Constant(Verb.Save)),
                (2, Gen.Constant(Verb.GoBack)),
                (1, Gen.Constant(Verb.Fail)));
            Gen<RunStep> step = from what in verb from seed in Gen.Choose(0, 1 << 30) select new RunStep(what, seed);
            Gen<RestartCase> one =
                from lateness in Gen.Elements(0, 0, 7, 25)
                from steps in step.ArrayOf()
                select new RestartCase(lateness, steps);
            return Arb.From(one, failing => failing.Steps.Select((_, left) => Without(failing, left)));
        }

        private static RestartCase Without(RestartCase one, int step) =>
            one with { Steps = [.. one.Steps[..step], .. one.Steps[(step + 1)..]] };
    }
}
