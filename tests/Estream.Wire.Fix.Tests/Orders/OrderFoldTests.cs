using System.Text;
using Estream.Core;
using Estream.Fix;
using Estream.Map;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Orders;

/// <summary>States of orders from their execution reports.</summary>
public sealed class OrderFoldTests : IDisposable
{
    private static readonly FixTranslator s_translator = new(
        FixProtocol.Fix44, new FixTranslatorOptions { Schemas = [FixExecutionReport.Schema.QualifiedName] });

    // The life of an order: new, partly filled, replaced twice, canceled.
    private static readonly string[] s_life =
    [
        "37=V-1|11=c-1|17=E-1|150=A|39=A|38=1000|44=1.5|40=2|151=1000|14=0|6=0|60=20260707-12:30:00.000|",
        "37=V-1|11=c-1|17=E-2|150=0|39=0|151=1000|14=0|6=0|60=20260707-12:30:00.000|",
        "37=V-1|11=c-1|17=E-3|150=F|39=1|32=300|31=1.5|151=700|14=300|6=1.5|60=20260707-12:30:01.000|",
        "37=V-1|11=c-2|41=c-1|17=E-4|150=E|39=E|151=700|14=300|6=1.5|60=20260707-12:30:02.000|",
        "37=V-1|11=c-2|41=c-1|17=E-5|150=5|39=1|38=2000|44=1.6|151=1700|14=300|6=1.5|60=20260707-12:30:03.000|",
        "37=V-1|11=c-2|17=E-6|150=F|39=1|32=200|31=1.6|151=1500|14=500|6=1.54|60=20260707-12:30:04.000|",
        "37=V-2|11=c-3|41=c-2|17=E-7|150=5|39=1|38=3000|151=2500|14=500|6=1.54|60=20260707-12:30:05.000|",
        "37=V-2|11=c-4|41=c-3|17=E-8|150=4|39=4|151=0|14=500|6=1.54|60=20260707-12:30:06.000|58=as requested|",
    ];

    private readonly ByteMap _states = ByteMap.CreateInMemory();
    private readonly ByteMap _names = ByteMap.CreateInMemory();
    private readonly FixOrderFold _fold;

    public OrderFoldTests()
    {
        _fold = new FixOrderFold(_states, _names);
    }

    public void Dispose()
    {
        _states.Dispose();
        _names.Dispose();
    }

    [Fact]
    public void Life_of_an_order_is_one_state_under_its_first_ClOrdID()
    {
        Assert.All(s_life, report => Assert.Equal(FixFoldOutcome.Applied, Apply(report)));

        Assert.Equal(
            """{"client_order_id":"c-4","order_id":"V-2","instrument":"EURUSD","side":"Buy","side_code":"1","order_type":"Limit","order_type_code":"2","quantity":3000,"price":160000000,"exec_type":"Canceled","exec_type_code":"4","status":"Canceled","status_code":"4","is_final":true,"leaves_quantity":0,"cumulative_quantity":500,"average_price":154000000,"last_quantity":200,"last_price":160000000,"updated_at":1783427406000000000,"reports":8,"text":"as requested","exec_ids":["E-1","E-2","E-3","E-4","E-5","E-6","E-7","E-8"]""",
            WithoutTimes(FixOrderState.View.Of(StateOf("c-1")).ToString()));
        Assert.Equal(1, _states.Count);
        Assert.True(_states.ContainsKey("11=c-1"u8));
        Assert.All((string[])["c-2", "c-3", "c-4"], name => Assert.Equal(StateOf("c-1"), StateOf(name)));
        byte[] byOrderId = new byte[FixOrderFold.MaxStateBytes];
        Assert.True(_fold.TryGetByOrderId("V-1"u8, byOrderId, out int length));
        Assert.Equal(StateOf("c-1"), byOrderId[..length]);
    }

    [Fact]
    public void Reports_in_any_order_give_the_same_state()
    {
        Assert.All(s_life, report => Apply(report));
        string expected = Essence(StateOf("c-1"));
        Random random = new(20260707);
        for (int round = 0; round < 500; round++)
        {
            string[] reports = [.. s_life];
            random.Shuffle(reports);
            _states.Clear();
            _names.Clear();

            Assert.All(reports, report => Assert.NotEqual(FixFoldOutcome.Duplicate, Apply(report)));

            string order = string.Join('\n', reports);
            Assert.True(_states.Count == 1, order);
            Assert.True(expected == Essence(StateOf("c-1")), $"{order}\n{expected}\n{Essence(StateOf("c-1"))}");
            Assert.All((string[])["c-2", "c-3", "c-4"], name => Assert.Equal(StateOf("c-1"), StateOf(name)));
        }
    }

    [Fact]
    public void Report_that_is_sent_again_changes_nothing()
    {
        Assert.All(s_life, report => Apply(report));
        byte[] before = StateOf("c-1");

        Assert.All(s_life, report => Assert.Equal(FixFoldOutcome.Duplicate, Apply(report)));
        Assert.All(s_life, report => Assert.Equal(FixFoldOutcome.Duplicate, Apply(report, "97=Y|")));

        Assert.Equal(before, StateOf("c-1"));
    }

    [Fact]
    public void Late_report_adds_only_values_that_the_state_lacks()
    {
        Apply("37=V-1|11=c-1|17=E-2|150=F|39=1|32=1|31=2|151=9|14=1|6=2|60=20260707-12:30:01.000|");

        Assert.Equal(FixFoldOutcome.Late, Apply("37=V-1|11=c-1|17=E-1|150=0|39=0|38=10|44=3|151=10|14=0|6=0|60=20260707-12:30:00.000|"));

        FixOrderState.View state = FixOrderState.View.Of(StateOf("c-1"));
        Assert.Equal(FixOrderStatus.PartiallyFilled, state.Status);
        Assert.Equal(300_000_000, state.Price);
        Assert.Equal(10UL, state.Quantity);
        Assert.Equal(1UL, state.CumulativeQuantity);
        Assert.Equal(2UL, state.Reports);
    }

    [Fact]
    public void Canceled_trade_lowers_the_filled_quantity()
    {
        Apply("37=V-1|11=c-1|17=E-1|150=F|39=2|32=10|31=2|151=0|14=10|6=2|60=20260707-12:30:00.000|");

        Assert.Equal(
            FixFoldOutcome.Applied, Apply("37=V-1|11=c-1|17=E-2|19=E-1|150=H|39=0|151=10|14=0|6=0|60=20260707-12:30:00.000|"));

        FixOrderState.View state = FixOrderState.View.Of(StateOf("c-1"));
        Assert.Equal(0UL, state.CumulativeQuantity);
        Assert.False(state.IsFinal);
    }

    [Fact]
    public void Final_status_wins_at_the_same_time()
    {
        const string Canceled = "37=V-1|11=c-1|17=E-2|150=4|39=4|151=0|14=4|6=2|60=20260707-12:30:00.000|";
        const string Pending = "37=V-1|11=c-1|17=E-1|150=6|39=6|151=6|14=4|6=2|60=20260707-12:30:00.000|";

        Assert.Equal(FixFoldOutcome.Applied, Apply(Canceled));
        Assert.Equal(FixFoldOutcome.Late, Apply(Pending));

        Assert.Equal(FixOrderStatus.Canceled, FixOrderState.View.Of(StateOf("c-1")).Status);
    }

    [Fact]
    public void Order_without_a_ClOrdID_has_its_OrderID_as_key()
    {
        Apply("37=V-1|17=E-1|150=0|39=0|151=10|14=0|6=0|");
        Assert.True(_states.ContainsKey("37=V-1"u8));

        // The ClOrdID arrives later.
        Apply("37=V-1|11=c-1|17=E-2|150=4|39=4|151=0|14=0|6=0|");

        Assert.Equal(1, _states.Count);
        Assert.Equal(FixOrderStatus.Canceled, FixOrderState.View.Of(StateOf("c-1")).Status);
    }

    [Fact]
    public void Rejected_orders_without_an_OrderID_stay_apart()
    {
        Apply("37=NONE|11=c-1|17=E-1|150=8|39=8|103=1|151=0|14=0|6=0|58=unknown symbol|");
        Apply("37=NONE|11=c-2|17=E-2|150=8|39=8|103=6|151=0|14=0|6=0|");

        Assert.Equal(2, _states.Count);
        Assert.Equal(1U, FixOrderState.View.Of(StateOf("c-1")).RejectReason);
        Assert.Equal(6U, FixOrderState.View.Of(StateOf("c-2")).RejectReason);
    }

    [Fact]
    public void New_order_with_the_ClOrdID_of_an_order_that_is_over_replaces_its_state()
    {
        Apply("37=V-1|11=c-1|17=E-1|150=F|39=2|32=10|31=2|151=0|14=10|6=2|60=20260707-12:30:00.000|");
        Apply("37=V-7|11=c-1|17=E-2|150=0|39=0|151=10|14=0|6=0|60=20260708-12:30:00.000|");

        FixOrderState.View state = FixOrderState.View.Of(StateOf("c-1"));
        Assert.Equal(FixOrderStatus.New, state.Status);
        Assert.Equal(1UL, state.Reports);
        Assert.False(state.LastQuantity.HasValue);
    }

    [Fact]
    public void Only_the_last_16_ExecIDs_are_kept()
    {
        for (int number = 0; number < 40; number++)
        {
            Apply($"37=V-1|11=c-1|17=E-{number}|150=F|39=1|32=1|31=2|151={100 - number}|14={number}|6=2|");
        }

        FixOrderState.View state = FixOrderState.View.Of(StateOf("c-1"));
        Assert.Equal(16, state.ExecIds.Count);
        Assert.Equal("E-24", Encoding.UTF8.GetString(state.ExecIds[0]));
        Assert.Equal(40UL, state.Reports);
    }

    [Fact]
    public void Crash_at_any_write_and_a_replay_count_every_report_once()
    {
        // The third report makes one order of two.
        string[] reports =
        [
            "37=V-1|11=c-1|17=E-1|150=0|39=0|151=10|14=0|6=0|60=20260707-12:30:00.000|",
            "37=V-2|11=c-2|17=E-2|150=F|39=1|32=1|31=2|151=9|14=1|6=2|60=20260707-12:30:01.000|",
            "37=V-2|11=c-2|41=c-1|17=E-3|150=5|39=1|151=9|14=1|6=2|60=20260707-12:30:02.000|",
            "37=V-2|11=c-2|17=E-4|150=4|39=4|151=0|14=1|6=2|60=20260707-12:30:03.000|",
        ];
        Assert.All(reports, report => Apply(report));
        string expected = Essence(StateOf("c-1"));
        int crashes = 0;
        bool isCut = true;
        for (; isCut; crashes++)
        {
            CrashingSink sink = new() { Remaining = crashes };
            using ByteMap states = ByteMap.CreateInMemory(new ByteMapOptions { Changes = sink });
            using ByteMap names = ByteMap.CreateInMemory(new ByteMapOptions { Changes = sink });

            isCut = !TryApplyAll(new FixOrderFold(states, names), reports);
            sink.Remaining = int.MaxValue;
            FixOrderFold next = new(states, names);
            Assert.True(TryApplyAll(next, reports));

            Assert.Equal(1, states.Count);
            foreach (string name in (string[])["c-1", "c-2"])
            {
                byte[] state = new byte[FixOrderFold.MaxStateBytes];
                Assert.True(next.TryGet(Encoding.UTF8.GetBytes(name), state, out int length));
                Assert.True(expected == Essence(state[..length]), $"crash {crashes}: {expected}\n{Essence(state[..length])}");
            }
        }

        Assert.True(crashes > 8, $"only {crashes} crashes");
    }

    [Fact]
    public void Message_of_another_schema_is_skipped()
    {
        Assert.Equal(FixFoldOutcome.Skipped, _fold.Apply("not a report"u8));
        Assert.False(_fold.TryGet("c-1"u8, new byte[10], out _));
        Assert.False(_fold.TryGet(""u8, new byte[10], out _));
        Apply(s_life[0]);
        Assert.Throws<ArgumentException>(() => _fold.TryGet("c-1"u8, new byte[10], out _));
    }

    [Fact]
    public void Folding_does_not_allocate()
    {
        byte[][] reports =
        [
            .. Enumerable.Range(0, 3_000).Select(number => Translate(
                $"37=V-1|11=c-{number % 50}|41=c-0|17=E-{number}|150=F|39=1|32=1|31=2|151={9_999 - number}|14={number}|6=2|", "")),
        ];
        int next = 0;
        while (next < 1_000)
        {
            _fold.Apply(reports[next++]);
        }

        Assert.Equal(0, AllocationMeter.OnThisThread(200, () => _fold.Apply(reports[next++])));
    }

    private static bool TryApplyAll(FixOrderFold fold, string[] reports)
    {
        try
        {
            Assert.All(reports, report => fold.Apply(Translate(report, "")));
            return true;
        }
        catch (Exception failure) when (failure.ToString().Contains(CrashingSink.Message, StringComparison.Ordinal))
        {
            return false;
        }
    }

    private FixFoldOutcome Apply(string report, string header = "")
    {
        return _fold.Apply(Translate(report, header));
    }

    private static byte[] Translate(string report, string header)
    {
        return Translated.ToEsf(s_translator, Translated.Whole(FixProtocol.Fix44, "8", $"{header}55=EURUSD|54=1|{report}"));
    }

    private byte[] StateOf(string clientOrderId)
    {
        byte[] state = new byte[FixOrderFold.MaxStateBytes];
        Assert.True(_fold.TryGet(Encoding.UTF8.GetBytes(clientOrderId), state, out int length), clientOrderId);
        Assert.True(FixOrderState.Validate(state.AsSpan(0, length)).IsOk);
        return state[..length];
    }

    private static string WithoutTimes(string json)
    {
        return json[..json.IndexOf(",\"value_times\"", StringComparison.Ordinal)];
    }

    // The state as JSON, without the ExecIDs, whose order is that of arrival.
    private static string Essence(byte[] state)
    {
        string json = FixOrderState.View.Of(state).ToString();
        return json[..json.IndexOf("\"exec_ids\"", StringComparison.Ordinal)];
    }

    /// <summary>Throws before every change of a map after the first ones, as a crash would end them.</summary>
    private sealed class CrashingSink : IChangeSink
    {
        public const string Message = "crashed by the test";

        public int Remaining { get; set; }

        public void Append(in MapChange change)
        {
            if (Remaining-- <= 0)
            {
                throw new InvalidOperationException(Message);
            }
        }
    }
}
