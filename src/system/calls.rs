//! The handler's calls of the inventory: connections, those that wait for one, and the units they take.

use crate::engine::Turn;
use crate::model::execution::{Mark, TaskError};
use crate::model::inventory::{Connection, Sale};
use crate::observation::{Observation, StockAnswer};
use crate::observer::Observer;
use crate::random::OrderKey;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::batch::Progress;
use super::faults::Aim;
use super::handler::{HandlerEvents, Step};
use super::invocations::{FunctionEvent, Invocations};
use super::spec::BatchMode;
use super::ways::Ways;
use super::workflow::{Workflow, aim, order_of, work_done};

impl<W: Ways> Invocations<W> {
    /// The handler calls the inventory for one record.
    pub(super) fn call<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let caller = (handle, index as u16);
        let shut = self.inventory_faults.exist() && self.is_shut_out(caller, workflow, turn);
        let inventory = self.inventory.as_mut().expect("there is an inventory to call");
        let connection = if shut { inventory.call_shut(caller) } else { inventory.call(caller) };
        let timeout = inventory.settings().connect_timeout;
        let record = &mut self.slab.get_mut(handle.slot).records[index];
        let order = workflow.order(record.token.slot);
        record.aws_mut().since = turn.now;
        match connection {
            Connection::Granted { slower } => {
                self.connected(caller, slower, workflow, turn);
                Step::UnderWay
            }
            Connection::Waits => {
                record.progress = Progress::Connecting;
                turn.say(&Observation::ConnectionAwaited { order });
                if let Some(limit) = timeout {
                    let event = FunctionEvent::ConnectTimesOut { invocation: handle, record: caller.1 };
                    turn.book(turn.now + limit, event.into());
                }
                Step::UnderWay
            }
            Connection::Rejected => {
                turn.say(&Observation::InventoryRejected { order });
                self.reject(handle, index, workflow, turn)
            }
        }
    }

    /// A call has its connection: the end of its service is booked.
    fn connected<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        (handle, index): (Handle, u16),
        slower: f64,
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) {
        let record = &mut self.slab.get_mut(handle.slot).records[usize::from(index)];
        let execution = workflow.executions.get(record.token.slot);
        let order = order_of::<W>(execution);
        if record.progress == Progress::Connecting {
            turn.say(&Observation::ConnectionWaitEnded { order, waited: turn.now.since(record.aws().since) });
        }
        record.progress = Progress::Calling;
        record.aws_mut().called = true;
        turn.say(&Observation::InventoryCallBegan { order });
        let service = self.service.draw(OrderKey(execution.key), record.aws().run);
        let mut length =
            if slower == 1.0 { service } else { SimDuration::from_secs_f64(service.as_secs_f64() * slower) };
        if self.inventory_faults.exist() {
            let aim = aim(execution, record.aws().run.into());
            record.aws_mut().call_fails = self.inventory_faults.fail(&aim, turn);
            length += self.inventory_faults.delay(&aim, turn);
        }
        turn.book(turn.now + length, FunctionEvent::WorkEnds { invocation: handle, record: index }.into());
    }

    /// A call has ended: a unit is taken, unless a fault has spoilt it, and the record is done.
    pub(super) fn call_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        self.hang_up(handle, index, workflow, turn);
        if self.slab.get(handle.slot).records[index].aws().call_fails {
            return self.reject(handle, index, workflow, turn);
        }
        let sold = self.take_unit(handle, index, workflow, turn);
        self.conclude(handle, index, (sold, true), workflow, turn)
    }

    /// A call that ended well takes a unit for a record, if one is left.
    pub(super) fn take_unit<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> bool {
        let slot = self.slab.get(handle.slot).records[index].token.slot;
        let execution = workflow.executions.get_mut(slot);
        let inventory = self.inventory.as_mut().expect("its call ends");
        let answer = match inventory.sell(execution.is_marked(Mark::HasUnit)) {
            Sale::Sold => StockAnswer::Sold,
            Sale::Oversold => StockAnswer::Oversold,
            Sale::Repeated => StockAnswer::Repeated,
            Sale::OutOfStock => StockAnswer::OutOfStock,
        };
        let sold = answer != StockAnswer::OutOfStock;
        let order = order_of::<W>(execution);
        turn.say(&Observation::StockAnswered { order, answer });
        if sold {
            execution.mark(Mark::HasUnit);
            work_done(execution, turn);
        }
        sold
    }

    /// The call for this record ends, and its connection goes to the one that has waited longest.
    pub(super) fn hang_up<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) {
        let record = &mut self.slab.get_mut(handle.slot).records[index];
        record.progress = Progress::Working;
        turn.say(&Observation::InventoryCallEnded { order: workflow.order(record.token.slot) });
        while let Some((caller, slower)) = self.inventory.as_mut().expect("a connection is its own").hang_up() {
            if !self.inventory_faults.exist() || !self.is_shut_out(caller, workflow, turn) {
                return self.connected(caller, slower, workflow, turn);
            }
            self.inventory.as_mut().expect("a connection is its own").hold(caller);
        }
    }

    /// Whether an outage of the inventory keeps this call from a connection. The end of the outage is then booked.
    #[cold]
    fn is_shut_out<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        (handle, index): (Handle, u16),
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> bool {
        let aim = self.aim_of((handle, index), workflow);
        let shut = self.inventory_faults.shut(&aim, std::iter::empty(), turn);
        if shut {
            self.book_return(turn);
        }
        shut
    }

    fn aim_of(&self, (handle, index): (Handle, u16), workflow: &Workflow<W>) -> Aim {
        let record = &self.slab.get(handle.slot).records[usize::from(index)];
        aim(workflow.executions.get(record.token.slot), record.aws().run.into())
    }

    /// Calls that are held up are looked at again when the first of the open outages ends.
    fn book_return<E: HandlerEvents, O>(&mut self, turn: &mut Turn<E, O>) {
        let at = self.inventory_faults.outage_ends(turn.now);
        if at < self.returns_at {
            self.returns_at = at;
            turn.book(at, FunctionEvent::InventoryReturns.into());
        }
    }

    /// An outage of the inventory has ended: the calls that it has held up come first in line, in their order.
    #[cold]
    pub(super) fn inventory_returns<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) {
        self.returns_at = SimTime::NEVER;
        let held = self.inventory.as_mut().expect("it was out").take_held();
        let (shut, free): (Vec<_>, Vec<_>) = held
            .into_iter()
            .partition(|caller| self.inventory_faults.still_shut(turn.now, &self.aim_of(*caller, workflow)));
        let inventory = self.inventory.as_mut().expect("it was out");
        shut.iter().for_each(|caller| inventory.hold(*caller));
        inventory.line_up_first(free);
        if !shut.is_empty() {
            self.book_return(turn);
        }
        while let Some((caller, slower)) = self.inventory.as_mut().expect("it was out").admit() {
            self.connected(caller, slower, workflow, turn);
        }
    }

    pub(super) fn connect_timed_out<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: u16,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        if !self.is_connecting(handle, index) {
            return Step::UnderWay;
        }
        self.stop_waiting((handle, index), workflow, turn);
        let slot = self.slab.get(handle.slot).records[usize::from(index)].token.slot;
        turn.say(&Observation::InventoryRejected { order: workflow.order(slot) });
        self.reject(handle, index.into(), workflow, turn)
    }

    /// Whether the call for this record waits for a connection.
    pub(super) fn is_connecting(&self, handle: Handle, index: u16) -> bool {
        self.slab.get(handle.slot).records[usize::from(index)].progress == Progress::Connecting
    }

    pub(super) fn stop_waiting<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        caller: (Handle, u16),
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) {
        self.inventory.as_mut().expect("it was called").give_up(caller);
        let record = &self.slab.get(caller.0.slot).records[usize::from(caller.1)];
        let (order, waited) = (workflow.order(record.token.slot), turn.now.since(record.aws().since));
        turn.say(&Observation::ConnectionWaitEnded { order, waited });
    }

    /// The inventory refused the call of a record, or answered with an error: that fails (together: all of them).
    pub(super) fn reject<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let together = self.handler.spec.batch == BatchMode::Together;
        let mut step = Step::UnderWay;
        for each in 0..self.slab.get(handle.slot).records.len() {
            let record = &mut self.slab.get_mut(handle.slot).records[each];
            if each == index || (together && record.progress == Progress::Working) {
                record.aws_mut().will_fail = true;
                record.aws_mut().failure = TaskError::InventoryRejected;
                let concluded = self.conclude(handle, each, (true, true), workflow, turn);
                step = if each == index { concluded } else { step };
            }
        }
        step
    }
}
